package io.faultline.restore.origin;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.TcpProgress;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What another program needs to continue with a connection: tells the receiver, and records what
 * goes over it. Confined to the session's event loop.
 */
final class ConnectionHold {
  private final @Nullable HeldConnection held;
  private final PageRequests requests;

  /**
   * @param held null if no other program continues
   */
  ConnectionHold(@Nullable HeldConnection held, PageRequests requests) {
    this.held = held;
    this.requests = requests;
  }

  /** Whether another program can continue. */
  boolean isWanted() {
    return held != null;
  }

  /** The connection of an earlier program; -1 for none. */
  int earlier() {
    return held == null ? -1 : held.descriptor().orElse(-1);
  }

  /**
   * Finds where an earlier program was, if there was one. Before the first request.
   *
   * @return why that is not possible; empty if it is
   */
  String resume(AnswerParser answers) {
    if (held == null || earlier() < 0) {
      return "";
    }
    Path journal = held.journal();
    return tried(
        () -> {
          TcpProgress now = TcpProgress.of(earlier());
          if (!now.isEstablished()) {
            throw new IOException("it has ended the connection meanwhile");
          }
          requests.resume(journal, now, answers);
        });
  }

  /**
   * There is a connection: from now on another program can continue; not before, since nothing
   * keeps the processes then.
   *
   * @return why that is not possible; empty if it is
   */
  String begin(Channel connected, AnswerParser answers, SourceReceiver source) {
    if (earlier() >= 0 || !(connected instanceof EpollSocketChannel epoll)) {
      return "";
    }
    int descriptor = epoll.fd().intValue();
    source.connected(descriptor);
    if (held == null) {
      return "";
    }
    Path journal = held.journal();
    return tried(
        () -> {
          answers.record(requests.record(journal, TcpProgress.of(descriptor)));
          source.leased(Long.MAX_VALUE);
        });
  }

  private interface Step {
    void run() throws IOException;
  }

  private static String tried(Step step) {
    try {
      step.run();
      return "";
    } catch (IOException | SystemCallException e) {
      return "the session cannot be continued by another process: " + e.getMessage();
    }
  }
}
