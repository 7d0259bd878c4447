"""What must hold of a loop at rest, whatever happened on the way there."""

from tests.kill import accounts, lessons
from tests.kill.scene import Scene


def check(scene: Scene) -> None:
    """Raises AssertionError, and says of what."""
    left = [f"{t.function} {t.moment} {t.call}" for t in scene.cluster.proxy.traps.unsprung()]
    assert not left, f"never came by: {left}"
    chain = scene.chain()
    chain.check()
    lessons.check(scene, chain)
    accounts.check(scene, chain)
