// Asks for the first rows in the page's head; customer_list.js takes the answer.
(corpid) => {
  const names = ["find", "userid", "tag_id", "stage_id", "oldest_first", "cursor"];
  const address = new URLSearchParams(location.search);
  const wanted = Object.fromEntries(names.map((name) => [name, address.get(name)]));
  window.tollboothCustomers = tollbooth.control(corpid, "GET", `/customers${tollbooth.query({ ...wanted, limit: 50 })}`);
  window.tollboothCustomers.catch(() => {});
}
