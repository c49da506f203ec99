# A slider and a label made by hand over comms: the widget protocol 2.1.0, without ipywidgets, so that the test
# needs only what every Python kernel has. Moving the slider calls `moved` in the kernel, which writes the label.
from IPython.display import display
from ipykernel.comm import Comm

kernel = get_ipython().kernel
models = {}


class Model:
    def __init__(self, name, module="@jupyter-widgets/controls", view=None, view_module=None, changed=None, **state):
        self.changed = changed
        self.state = {
            "_model_module": module, "_model_module_version": "2.0.0", "_model_name": name,
            "_view_module": view_module or module, "_view_module_version": "2.0.0", "_view_name": view,
            "_view_count": None, **state,
        }
        self.comm = Comm(target_name="jupyter.widget", data={"state": self.state, "buffer_paths": []}, metadata={"version": "2.1.0"})
        self.comm.on_msg(self.received)
        self.reference = "IPY_MODEL_" + self.comm.comm_id
        models[self.comm.comm_id] = self

    def received(self, message):
        data = message["content"]["data"]
        if data["method"] == "update":
            self.state.update(data["state"])
            if self.changed:
                self.changed(self.state)
        elif data["method"] == "request_state":
            self.update()

    def update(self, **state):
        self.state.update(state)
        self.comm.send({"method": "update", "state": state or self.state, "buffer_paths": []})


def control(comm, message):
    @comm.on_msg
    def received(message):
        if message["content"]["data"]["method"] == "request_states":
            states = {
                key: {"model_name": model.state["_model_name"], "model_module": model.state["_model_module"],
                      "model_module_version": model.state["_model_module_version"], "state": model.state}
                for key, model in models.items()
            }
            comm.send({"method": "update_states", "states": states, "buffer_paths": []})


kernel.comm_manager.register_target("jupyter.widget.control", control)

layout = Model("LayoutModel", module="@jupyter-widgets/base", view="LayoutView")
slider_style = Model("SliderStyleModel", view="StyleView", view_module="@jupyter-widgets/base", description_width="", handle_color=None)
label_style = Model("LabelStyleModel", view="StyleView", view_module="@jupyter-widgets/base", description_width="")
label = Model("LabelModel", view="LabelView", layout=layout.reference, style=label_style.reference, value="square: 9",
              description="", description_allow_html=False, placeholder="", tabbable=None, tooltip=None)
moves = []


def moved(state):
    moves.append(state["value"])
    label.update(value=f"square: {state['value'] ** 2}")


slider = Model("IntSliderModel", view="IntSliderView", layout=layout.reference, style=slider_style.reference, changed=moved,
               value=3, min=0, max=10, step=1, orientation="horizontal", readout=True, readout_format="d", behavior="drag-tap",
               continuous_update=True, description="n", description_allow_html=False, disabled=False, tabbable=None, tooltip=None)

for model in (slider, label):
    display({"application/vnd.jupyter.widget-view+json": {"version_major": 2, "version_minor": 0, "model_id": model.comm.comm_id},
             "text/plain": model.state["_model_name"]}, raw=True)
