from support.byte_pictures import byte_picture

from miais.obfuscation.nibbles import join_nibbles, split_nibbles


def test_low_halves_by_row_column_and_channel_then_the_high_ones():
    picture = byte_picture(8, 12)
    nibbles = split_nibbles(picture[None], 4)
    assert nibbles.shape == (1, 6, 96)
    values = picture[:, 4:8, 8:12].permute(1, 2, 0).flatten().tolist()
    assert nibbles[0, 5].tolist() == [value % 16 for value in values] + [value // 16 for value in values]
    assert (join_nibbles(nibbles, 4, 8, 12) == picture).all()
