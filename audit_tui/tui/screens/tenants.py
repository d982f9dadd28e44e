from audit_tui.tui.actions.tenants import TENANTS
from audit_tui.tui.bindings import screen_bindings
from audit_tui.tui.screens.base import BaseScreen
from audit_tui.tui.widgets.rows import Rows


class TenantsScreen(BaseScreen):
    ACTIONS = TENANTS
    BINDINGS = screen_bindings(ACTIONS)

    def crumbs(self):
        return ("Tenants",)

    def compose_body(self):
        yield Rows()

    def on_mount(self):
        super().on_mount()
        self.ask(self.service.list_tenants, self._listed, group="tenants")

    def _listed(self, t):
        from audit_tui.tui.present.lines import line
        from audit_tui.tui.present.values import value

        self.query_one(Rows).show(len(t), lambda r, w: line(value(t[r].tenant_id)))
