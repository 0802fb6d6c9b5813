def index_of(tile_key):
    return int(tile_key.split(':')[1])


def scene_name(product,version,window):
    return '{}-{}-{}'.format(product,version,window)
