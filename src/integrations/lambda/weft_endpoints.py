"""Leads old versions of boto3 to the local endpoints: before 1.28 (botocore 1.31, July 2023; Debian
12 has 1.26) it does not read AWS_ENDPOINT_URL, nor that no prefix goes before its host. Newer ones
are left as they are.
"""
import functools
import importlib
import importlib.abc
import importlib.util
import os
import sys

MODULE = "botocore.session"
READS_THE_VARIABLES = (1, 31)
# Services whose id, which names the variable, is another than boto3's name.
SERVICE_IDS = {"stepfunctions": "SFN"}
# Where create_client(service_name, ...) takes the endpoint.
POSITION = 4
CONFIG_POSITION = 8


def endpoint_of(service):
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    name = SERVICE_IDS.get(service, service).upper().replace("-", "_")
    return os.environ.get(f"AWS_ENDPOINT_URL_{name}") or os.environ.get("AWS_ENDPOINT_URL")


def patch(module):
    version = sys.modules["botocore"].__version__.split(".")
    if tuple(int(part) for part in version[:2]) >= READS_THE_VARIABLES:
        return
    create = module.Session.create_client

    @functools.wraps(create)
    def create_client(self, service_name, *args, **kwargs):
        if len(args) <= POSITION and not kwargs.get("endpoint_url"):
            kwargs["endpoint_url"] = endpoint_of(service_name)
            if kwargs["endpoint_url"] and len(args) <= CONFIG_POSITION:
                plain = importlib.import_module("botocore.config").Config(
                    inject_host_prefix=False)
                given = kwargs.get("config")
                kwargs["config"] = given.merge(plain) if given else plain
        return create(self, service_name, *args, **kwargs)

    module.Session.create_client = create_client


class Finder(importlib.abc.MetaPathFinder):
    """Looks on while botocore is loaded, once."""

    def find_spec(self, name, path=None, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            patch(module)

        spec.loader.exec_module = exec_module
        return spec


def install():
    if MODULE in sys.modules:
        patch(sys.modules[MODULE])
    else:
        sys.meta_path.insert(0, Finder())
