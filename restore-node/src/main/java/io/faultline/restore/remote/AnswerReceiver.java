package io.faultline.restore.remote;

/** Receives the answers to requests, in the order in which they arrive. On the session's loop. */
interface AnswerReceiver {
  /**
   * Pages that were asked for.
   *
   * @param data native address of their contents, valid during the call
   */
  void pages(int pid, long address, int count, long data);

  /** Pages that were asked for and contain only zeros. */
  void zeros(int pid, long address, int count);

  /**
   * A page that was asked for is not mapped.
   *
   * @param address 0 if the page source does not have the process
   */
  void absent(int pid, long address);
}
