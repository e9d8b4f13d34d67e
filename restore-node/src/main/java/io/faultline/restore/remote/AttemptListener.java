package io.faultline.restore.remote;

import io.faultline.proto.WireException;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import org.jspecify.annotations.Nullable;

/** What an {@link OriginAttempt} reports, beside answers. On the session's loop. */
interface AttemptListener extends AnswerReceiver {
  /** Whether RUN has arrived: a page source that was started again must know before all else. */
  boolean isOwned();

  /** All connections are established, and the processes are known. */
  void opened(OriginAttempt attempt);

  /**
   * The control connection is established.
   *
   * @param key with which the page source has authenticated, or that it gave; null for none
   * @param silenceMillis after which the page source treats this side as gone; 0 for never
   */
  void connected(@Nullable SharedKey key, int silenceMillis);

  /** A frame on the control connection. */
  void received(OriginAttempt attempt, Frame frame) throws WireException;

  /** Bytes have arrived. */
  void heard(OriginAttempt attempt);

  /** It could not connect, or a connection is lost. */
  void lost(OriginAttempt attempt, Throwable cause);
}
