package io.faultline.restore.origin;

import io.faultline.proto.Transport;
import io.netty.channel.unix.Errors.NativeIoException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a page server, for the user.
 *
 * @param encrypted whether there is TLS
 * @param finishing whether the session's end is to be confirmed
 * @param answered whether the server has answered anything
 * @param pages that were requested and are not answered
 */
record ServerProblem(boolean encrypted, boolean finishing, boolean answered, long pages) {
  /** At this moment. */
  static ServerProblem now(
      boolean encrypted, boolean finishing, @Nullable AnswerParser answers, PageRequests requests) {
    boolean answered = answers == null || answers.hasAnswered();
    return new ServerProblem(encrypted, finishing, answered, requests.queue().pageCount());
  }

  String silent(int seconds) {
    return "sent nothing for " + seconds + " s while " + wanted();
  }

  String closed() {
    return finishing
        ? "closed the connection before it confirmed the end of the session"
        : "closed the connection while "
            + wanted()
            + hint()
            + ": see the log of the dump or page server there";
  }

  /**
   * @param connecting whether requests could not be sent yet
   */
  String broken(Throwable cause, boolean connecting) {
    boolean explained = connecting && encrypted && !(cause instanceof NativeIoException);
    return explained
        ? "TLS: " + cause.getMessage()
        : Transport.closeReason("the connection", cause) + hint();
  }

  private String wanted() {
    return finishing ? "it had to confirm the end of the session" : pages + " pages were requested";
  }

  /** A server may reset the connection before the client has read why it refuses it. */
  private String hint() {
    if (answered) {
      return "";
    }
    return encrypted ? " (it may not accept this side's certificate)" : " (it may need --tls)";
  }
}
