export function EventsPage() { return <p>todo</p>; }
