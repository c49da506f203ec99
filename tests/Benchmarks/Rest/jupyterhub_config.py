# Debian's JupyterHub for the benchmark: only its hub, on a port of 127.0.0.1 without a proxy before it, its database a file, and one administrator with a token.
import os

from jupyterhub.proxy import Proxy


class NoProxy(Proxy):
    """Routes are remembered and lead nowhere."""

    should_start = False
    routes = {}

    async def add_route(self, routespec, target, data):
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.routes.pop(routespec, None)

    async def get_all_routes(self):
        return self.routes


c = get_config()  # noqa: F821
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = int(os.environ["BENCH_PORT"])
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "cookie-secret"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.log_level = "WARN"
c.Authenticator.admin_users = {"admin"}
c.JupyterHub.api_tokens = {os.environ["BENCH_TOKEN"]: "admin"}
