// In place of @mermaid-js/layout-elk: its library has another licence (EPL-2.0) and weighs 1.5 MB. Without a loader of
// that name Mermaid lays such a diagram out its usual way and says so on the console.
const loaders: readonly never[] = [];
export default loaders;
