"""docker-py with our daemon: one function a scenario, run by docker-py.test.ts. argv: scenario, socket, repository,
a tar of a root file system, the digest of the image in the repository. The scenarios follow each other."""

import sys
import time

import docker
from docker import errors

scenario, socket, repository, root_tar, digest = sys.argv[1:]
client = docker.DockerClient(base_url="unix://" + socket, version="auto")
name = repository + ":1"
registry = repository.split("/")[0]


def raises(kind, status, reason, call):
    try:
        call()
    except errors.APIError as error:
        assert isinstance(error, kind), type(error)
        assert error.status_code == status, error.status_code
        assert reason in error.explanation, error.explanation
    else:
        raise AssertionError("nothing was raised")


def asks_who_is_there():
    assert client.ping() is True
    assert client.version()["ApiVersion"] == "1.50"
    assert client.info()["OSType"] == "linux"
    assert client.containers.list(all=True) == []
    assert client.networks.list(names=["bridge"])[0].name == "bridge"
    assert client.volumes.list() == []
    pinned = docker.DockerClient(base_url="unix://" + socket, version="1.24")
    assert pinned.version()["MinAPIVersion"] == "1.24"


def pulls():
    lines = list(client.api.pull(repository, tag="1", stream=True, decode=True))
    assert lines[0] == {"status": "Pulling from one", "id": "1"}, lines[0]
    assert lines[-1]["status"].startswith("Status: Downloaded newer image"), lines[-1]
    assert client.images.pull(repository, tag="1").tags == [name]
    everything = client.images.pull(repository, all_tags=True)
    assert [image.tags for image in everything] == [[name]]


def looks():
    (image,) = client.images.list(name=repository, filters={"label": "seed=7", "dangling": False})
    assert image.tags == [name] and image.labels == {"seed": "7"}
    assert client.images.list(filters={"dangling": True}) == []
    assert image.attrs["RepoDigests"] == [repository + "@" + digest]
    assert client.images.get(image.id) == image and client.images.get(image.short_id) == image
    assert client.images.get(repository + "@" + digest) == image
    assert [step["CreatedBy"] for step in image.history()][0] == "COPY layer-2 /"
    data = client.images.get_registry_data(name)
    assert data.id == digest and data.has_platform("linux/amd64")


def tags_and_pushes():
    image = client.images.get(name)
    assert image.tag(repository, "2") is True
    lines = list(client.images.push(repository, tag="2", stream=True, decode=True))
    assert lines[-1]["aux"]["Digest"] == digest, lines[-1]
    failed = list(client.images.push(repository, tag="zz", stream=True, decode=True))
    assert "tag does not exist" in failed[-1]["error"], failed[-1]


def saves_and_loads():
    image = client.images.get(name)
    archive = b"".join(image.save(named=name))
    client.images.remove(repository + ":2")
    client.images.remove(name)
    (loaded,) = client.images.load(archive)
    assert loaded == image and loaded.tags == [name]


def imports():
    client.api.import_image_from_file(root_tar, repository="imported", tag="1", changes=["CMD [\"sh\"]"])
    imported = client.images.get("imported:1")
    assert imported.attrs["Config"]["Cmd"] == ["sh"], imported.attrs["Config"]
    usage = client.df()
    assert len(usage["Images"]) == 2 and usage["LayersSize"] > 0
    client.api.tag(imported.id, "imported", "2")
    pruned = client.images.prune(filters={"dangling": False, "until": "2100-01-01"})
    assert pruned["SpaceReclaimed"] > 0
    assert client.images.list() == []


def hears():
    now = int(time.time())
    events = client.events(since=now - 600, until=now + 1, filters={"type": "image"}, decode=True)
    actions = [event["Action"] for event in events]
    for action in ("pull", "tag", "push", "save", "untag", "delete", "load", "import", "prune"):
        assert action in actions, (action, actions)


def errs():
    client.images.pull(repository, tag="1")
    raises(errors.ImageNotFound, 404, "No such image: nope:latest", lambda: client.images.get("nope"))
    raises(errors.NotFound, 404, "No such container: nope", lambda: client.containers.get("nope"))
    raises(errors.NotFound, 404, "network nope not found", lambda: client.networks.get("nope"))
    raises(errors.NotFound, 404, "manifest unknown", lambda: client.images.pull(repository, tag="nope"))
    image = client.images.get(name)
    raises(errors.APIError, 400, "must be lowercase", lambda: image.tag("BAD"))
    raises(errors.APIError, 400, "invalid filter", lambda: client.images.list(filters={"bogus": "1"}))
    image.tag("other")
    raises(errors.APIError, 409, "must be forced", lambda: client.images.remove(image.id))
    client.images.remove(image.id, force=True)


def logs_in():
    answer = client.login("u", "p", registry=registry)
    assert answer["Status"] == "Login Succeeded", answer


globals()[scenario]()
