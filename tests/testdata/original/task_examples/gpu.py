def gpu_tf_ex(value):
    return str(value)
