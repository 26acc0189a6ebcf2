export function AlertsPage() { return <p>todo</p>; }
