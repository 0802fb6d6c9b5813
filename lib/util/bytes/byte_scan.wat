;; Scans bytes with 16 at a time. `lib/util/bytes/byte_scan.ts` calls it; scripts/byte_scan.ts compiles it.
;; Memory: the tables of the CRC-32 at 0, then the bytes to scan, from 16448 on.
(module
  (memory (export "memory") 3)

  ;; Fills the 16 tables of the CRC-32 at the offset 0: table[s][byte], 4 bytes each.
  (func $tables
    (local $i i32) (local $k i32) (local $sum i32)
    (loop $bytes
      (local.set $sum (local.get $i))
      (local.set $k (i32.const 8))
      (loop $bits
        (local.set $sum (i32.xor
          (i32.shr_u (local.get $sum) (i32.const 1))
          (i32.and (i32.const 0xedb88320) (i32.sub (i32.const 0) (i32.and (local.get $sum) (i32.const 1))))))
        (br_if $bits (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $sum))
      (br_if $bytes (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256))))
    (loop $rest
      (local.set $sum (i32.load (i32.shl (i32.sub (local.get $i) (i32.const 256)) (i32.const 2))))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.xor
        (i32.load (i32.shl (i32.and (local.get $sum) (i32.const 255)) (i32.const 2)))
        (i32.shr_u (local.get $sum) (i32.const 8))))
      (br_if $rest (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4096)))))
  (start $tables)

  ;; The CRC-32 of the bytes before an offset, continued from a complemented sum.
  (func (export "crc32") (param $sum i32) (param $end i32) (result i32)
    (local $at i32) (local $x i64) (local $y i64)
    (local.set $at (i32.const 16448))
    (block $done
      (loop $sixteen
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (local.set $x (i64.xor (i64.load (local.get $at)) (i64.extend_i32_u (local.get $sum))))
        (local.set $y (i64.load offset=8 (local.get $at)))
        (local.set $sum
          (i32.xor
            (i32.xor
              (i32.xor
                (i32.xor
                  (i32.load offset=15360 (i32.and (i32.shl (i32.wrap_i64 (local.get $x)) (i32.const 2)) (i32.const 1020)))
                  (i32.load offset=14336 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 6))) (i32.const 1020))))
                (i32.xor
                  (i32.load offset=13312 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 14))) (i32.const 1020)))
                  (i32.load offset=12288 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 22))) (i32.const 1020)))))
              (i32.xor
                (i32.xor
                  (i32.load offset=11264 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 30))) (i32.const 1020)))
                  (i32.load offset=10240 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 38))) (i32.const 1020))))
                (i32.xor
                  (i32.load offset=9216 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 46))) (i32.const 1020)))
                  (i32.load offset=8192 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 54))) (i32.const 1020))))))
            (i32.xor
              (i32.xor
                (i32.xor
                  (i32.load offset=7168 (i32.and (i32.shl (i32.wrap_i64 (local.get $y)) (i32.const 2)) (i32.const 1020)))
                  (i32.load offset=6144 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 6))) (i32.const 1020))))
                (i32.xor
                  (i32.load offset=5120 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 14))) (i32.const 1020)))
                  (i32.load offset=4096 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 22))) (i32.const 1020)))))
              (i32.xor
                (i32.xor
                  (i32.load offset=3072 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 30))) (i32.const 1020)))
                  (i32.load offset=2048 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 38))) (i32.const 1020))))
                (i32.xor
                  (i32.load offset=1024 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 46))) (i32.const 1020)))
                  (i32.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $y) (i64.const 54))) (i32.const 1020))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $sixteen)))
    (block $end
      (loop $one
        (br_if $end (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $sum (i32.xor
          (i32.load (i32.shl (i32.and (i32.xor (local.get $sum) (i32.load8_u (local.get $at))) (i32.const 255)) (i32.const 2)))
          (i32.shr_u (local.get $sum) (i32.const 8))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $one)))
    (local.get $sum))

  ;; The number of newlines before an offset, plus flags: 1 << 24, a line begins or ends with a byte
  ;; up to a blank; 1 << 25, a line is empty; 1 << 26, a control character that is not a tab, CR or
  ;; LF. The byte before the first one precedes it in the lines; 16 letters follow the last one.
  (func (export "lines") (param $end i32) (result i32)
    (local $at i32) (local $count i32) (local $isAfterLine i32)
    (local $v v128) (local $p v128) (local $nl v128) (local $before v128)
    (local $padded v128) (local $empty v128) (local $control v128) (local $control16 v128)
    (local.set $at (i32.const 16448))
    (local.set $isAfterLine (i32.const 1))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $v (v128.load (local.get $at)))
        (local.set $control16 (i8x16.lt_u (local.get $v) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))
        ;; Most parts of long lines contain neither an end nor a start of a line.
        (if (i32.or (local.get $isAfterLine) (v128.any_true (local.get $control16)))
          (then
            (local.set $p (v128.load (i32.sub (local.get $at) (i32.const 1))))
            (local.set $nl (i8x16.eq (local.get $v) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))
            (local.set $before (i8x16.eq (local.get $p) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))
            (local.set $count (i32.add (local.get $count) (i32.popcnt (i8x16.bitmask (local.get $nl)))))
            (local.set $isAfterLine (i8x16.extract_lane_u 15 (local.get $nl)))
            (local.set $empty (v128.or (local.get $empty) (v128.and (local.get $nl) (local.get $before))))
            (local.set $padded (v128.or (local.get $padded) (v128.or
              (v128.and (local.get $before) (i8x16.le_u (local.get $v) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)))
              (v128.and (local.get $nl) (i8x16.le_u (local.get $p) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))))))
            (local.set $control (v128.or (local.get $control) (v128.andnot
              (local.get $control16)
              (v128.or (local.get $nl) (v128.or
                (i8x16.eq (local.get $v) (v128.const i8x16 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9))
                (i8x16.eq (local.get $v) (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13)))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (i32.or
      (i32.or (local.get $count) (i32.shl (v128.any_true (local.get $padded)) (i32.const 24)))
      (i32.or
        (i32.shl (v128.any_true (local.get $empty)) (i32.const 25))
        (i32.shl (v128.any_true (local.get $control)) (i32.const 26)))))

  ;; The offset after the newline with a number, from 1; the number of missing newlines, negative,
  ;; when there are fewer before an offset. 16 letters follow.
  (func (export "lineEnd") (param $end i32) (param $number i32) (result i32)
    (local $at i32) (local $mask i32) (local $count i32)
    (local.set $at (i32.const 16448))
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end))
        (then (return (i32.sub (i32.const 0) (local.get $number)))))
      (local.set $mask (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
      (local.set $count (i32.popcnt (local.get $mask)))
      (if (i32.lt_u (local.get $count) (local.get $number))
        (then
          (local.set $number (i32.sub (local.get $number) (local.get $count)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $next))))
    (loop $drop
      (if (i32.gt_u (local.get $number) (i32.const 1))
        (then
          (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
          (local.set $number (i32.sub (local.get $number) (i32.const 1)))
          (br $drop))))
    (i32.add (i32.add (local.get $at) (i32.ctz (local.get $mask))) (i32.const 1)))

  ;; 1 when a number that begins at an offset has 19 digits from the first one that is not 0.
  (func $isLong (param $at i32) (result i32)
    (local $digits i32) (local $byte i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.eq (local.get $byte) (i32.const 46)))
      (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 48)) (i32.const 10))
        (then
          (if (i32.or (local.get $digits) (i32.ne (local.get $byte) (i32.const 48)))
            (then (local.set $digits (i32.add (local.get $digits) (i32.const 1)))))
          (br_if $next (i32.lt_u (local.get $digits) (i32.const 19))))))
    (i32.eq (local.get $digits) (i32.const 19)))

  ;; 1 when the bytes before an offset contain 16 digits in a row that no dot precedes, an exponent of
  ;; 3 digits, 19 digits with dots after the first one that is not 0, or 64 digits and dots. Two
  ;; letters precede the bytes, and 18 follow.
  (func (export "bigNumbers") (param $end i32) (result i32)
    (local $at i32) (local $run i32) (local $mask i32) (local $long i32) (local $length i32)
    (local $p v128) (local $pp v128) (local $d v128) (local $v v128)
    (local.set $at (i32.const 16448))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $v (v128.load (local.get $at)))
        (local.set $d (i8x16.lt_u
          (i8x16.sub (local.get $v) (v128.const i8x16 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48))
          (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10)))
        (local.set $mask (i8x16.bitmask (v128.or (local.get $d)
          (i8x16.eq (local.get $v) (v128.const i8x16 46 46 46 46 46 46 46 46 46 46 46 46 46 46 46 46)))))
        (local.set $length (i32.add (local.get $long) (i32.ctz (i32.xor (local.get $mask) (i32.const -1)))))
        (if (i32.ge_u (local.get $length) (i32.const 20))
          (then
            (if (i32.ge_u (local.get $length) (i32.const 64)) (then (return (i32.const 1))))
            (if (call $isLong (i32.sub (local.get $at) (local.get $long))) (then (return (i32.const 1))))))
        (local.set $long (if (result i32) (i32.eq (local.get $mask) (i32.const 65535))
          (then (local.get $length))
          (else (i32.clz (i32.xor (i32.shl (local.get $mask) (i32.const 16)) (i32.const -1))))))
        (local.set $mask (i8x16.bitmask (local.get $d)))
        (if (i32.eqz (local.get $mask))
          (then (local.set $run (i32.const 0)))
          (else
            (local.set $p (v128.load (i32.sub (local.get $at) (i32.const 1))))
            (local.set $pp (v128.load (i32.sub (local.get $at) (i32.const 2))))
            (if (v128.any_true (v128.and
              (v128.and (local.get $d) (v128.and
                (i8x16.lt_u
                  (i8x16.sub (v128.load offset=1 (local.get $at)) (v128.const i8x16 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48))
                  (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))
                (i8x16.lt_u
                  (i8x16.sub (v128.load offset=2 (local.get $at)) (v128.const i8x16 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48))
                  (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))))
              (v128.or
                (i8x16.eq
                  (v128.or (local.get $p) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
                  (v128.const i8x16 101 101 101 101 101 101 101 101 101 101 101 101 101 101 101 101))
                (v128.and
                  (v128.or
                    (i8x16.eq (local.get $p) (v128.const i8x16 43 43 43 43 43 43 43 43 43 43 43 43 43 43 43 43))
                    (i8x16.eq (local.get $p) (v128.const i8x16 45 45 45 45 45 45 45 45 45 45 45 45 45 45 45 45)))
                  (i8x16.eq
                    (v128.or (local.get $pp) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
                    (v128.const i8x16 101 101 101 101 101 101 101 101 101 101 101 101 101 101 101 101))))))
              (then (return (i32.const 1))))
            (if (i32.ge_u (i32.add (local.get $run) (i32.ctz (i32.xor (local.get $mask) (i32.const -1)))) (i32.const 16))
              (then
                (if (i32.ne (i32.load8_u (i32.sub (i32.sub (local.get $at) (local.get $run)) (i32.const 1))) (i32.const 46))
                  (then (return (i32.const 1))))))
            (local.set $run (if (result i32) (i32.eq (local.get $mask) (i32.const 65535))
              (then (i32.add (local.get $run) (i32.const 16)))
              (else (i32.clz (i32.xor (i32.shl (local.get $mask) (i32.const 16)) (i32.const -1))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (i32.const 0)))
