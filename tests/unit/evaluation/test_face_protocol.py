from support.people_world import write_people_world

from miais.data.protocol import read_protocol
from miais.evaluation.face_protocol import face_protocol


def test_every_secret_that_is_needed_gets_its_covers(tmp_path, picture):
    protocol = read_protocol(write_people_world(tmp_path, picture)[0])
    pairs = protocol.pairs("val")
    secrets = [*pairs.image_a, *pairs.image_b, "val9/in_no_pair.png"]
    covers = [f"c{number}" for number in range(10)]
    three = face_protocol(protocol, "val", secrets, covers)
    assert three.covers.keys() == {*pairs.image_a, *pairs.image_b}
    assert all(len(set(names)) == 3 for names in three.covers.values())
    one = face_protocol(protocol, "val", secrets, covers, copies=1)
    assert one.covers == {name: names[:1] for name, names in three.covers.items()}
    assert one.identification is None
