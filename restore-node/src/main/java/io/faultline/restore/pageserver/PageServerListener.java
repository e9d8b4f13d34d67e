package io.faultline.restore.pageserver;

import java.net.InetSocketAddress;

/** What a page server reports. On its event loop. */
public interface PageServerListener {
  /** Clients can connect. Not called with an adopted socket. */
  void listening(InetSocketAddress address);

  /**
   * A session of a server for many clients has failed; the others continue.
   *
   * @param message one line for the user
   */
  void sessionFailed(String message);

  /**
   * A client has all pages that it needed.
   *
   * @param pages of all answers
   */
  void served(InetSocketAddress client, long pages);
}
