/**
 * What a read of a rows table or its view by the primary key needs to be quick: FINAL within a partition only (the partition follows from the key), and
 * conditions on the key before FINAL (versions of a row have the same key), so that columns are read for the rows that are asked for.
 * One thread: a second one makes such a read no faster, and costs a quarter more CPU time.
 */
export const KEYED_READ =
  'SETTINGS do_not_merge_across_partitions_select_final = 1, optimize_move_to_prewhere_if_final = 1, max_threads = 1';
