package io.faultline.restore.transfer;

/** What a transfer did. Confined to the session's event loop. */
public final class TransferCounters {
  /** Requests sent, of any number of pages. */
  public long requests;

  /** Requests for a page on which a thread waited. */
  public long urgentRequests;

  /** Pages that the origin answered. */
  public long pages;

  /** Answers that the kernel did not take at once. */
  public long parked;
}
