package io.faultline.restore.criu;

import io.faultline.proto.DescriptorPoll;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import io.netty.channel.IoEventLoop;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The socket {@code lazy-pages.socket} in CRIU's work directory, over which {@code criu restore
 * --lazy-pages} passes a userfaultfd for each task. One CRIU connects once. Nothing is ever
 * answered.
 *
 * <p>{@link #listen} on any thread; everything else is confined to the session's event loop.
 */
public final class RestoreSocket implements AutoCloseable {
  /** The name of the socket, which CRIU has built in. */
  public static final String NAME = "lazy-pages.socket";

  private static final int BACKLOG = 10;

  private final DescriptorListener listening;
  private @Nullable DescriptorPoll listenPoll;
  private @Nullable DescriptorConnection connection;
  private @Nullable DescriptorPoll connectionPoll;
  private @Nullable RestoreMessages messages;
  private boolean closed;

  private RestoreSocket(DescriptorListener listening) {
    this.listening = listening;
  }

  /**
   * Creates the socket. From now on CRIU can connect.
   *
   * @param workDirectory the same as CRIU's {@code --work-dir}
   * @throws SystemCallException if the socket cannot be created there
   */
  public static RestoreSocket listen(Path workDirectory) {
    return new RestoreSocket(DescriptorListener.listen(workDirectory.resolve(NAME), BACKLOG));
  }

  /** Starts accepting and reading. */
  public void start(IoEventLoop loop, RestoreListener listener) {
    listenPoll =
        DescriptorPoll.start(
            listening.fd(), loop, () -> accept(loop, listener), failure -> fail(listener, failure));
  }

  private void accept(IoEventLoop loop, RestoreListener listener) {
    DescriptorConnection accepted = connection == null ? listening.accept() : null;
    if (accepted == null) {
      return;
    }
    stopListening();
    connection = accepted;
    RestoreMessages reader = new RestoreMessages(accepted, listener);
    messages = reader;
    listener.connected(accepted.peerPid());
    if (closed) {
      return; // the session has failed
    }
    connectionPoll =
        DescriptorPoll.start(
            accepted.fd(), loop, () -> read(reader, listener), failure -> fail(listener, failure));
  }

  private void read(RestoreMessages reader, RestoreListener listener) {
    try {
      if (!reader.read()) {
        end(listener, "");
      }
    } catch (RestoreException e) {
      end(listener, String.valueOf(e.getMessage()));
    }
  }

  private void fail(RestoreListener listener, Throwable failure) {
    String message = failure.getMessage();
    end(listener, message == null ? failure.toString() : message);
  }

  private void end(RestoreListener listener, String problem) {
    if (!closed) {
      close();
      listener.closed(problem);
    }
  }

  private void stopListening() {
    if (listenPoll != null) {
      listenPoll.stop();
    }
    listening.close();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    stopListening();
    if (connectionPoll != null) {
      connectionPoll.stop();
    }
    if (connection != null) {
      connection.close();
    }
    if (messages != null) {
      messages.close();
    }
  }
}
