package io.faultline.pager;

/** What the user of a pager should know. Called on the threads of the pager; must return soon. */
public interface PagerEvents {
  /** A client has handed over its memory. */
  void accepted(String client, int regions, long bytes);

  /** A client was refused. */
  void refused(String client, String why);

  /** A client is gone, and everything that it stored is in its stores. */
  void left(String client);

  /** Something failed that the client may not know. */
  void failed(String client, String what);
}
