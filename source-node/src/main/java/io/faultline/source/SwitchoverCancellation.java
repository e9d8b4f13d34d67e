package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.connect.HelloClient;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Notifies a destination that is READY that RUN will never come, because the VM resumes at the
 * source. Only for a migration that has not committed and never will: the caller must have ensured
 * that before.
 *
 * <p>The notification is a failure message on a connection of a later attempt, by which the
 * destination identifies the migration. A destination that has ended or cannot be reached does not
 * receive it. That is safe: it never runs the VM without RUN.
 */
public final class SwitchoverCancellation {
  private final SourceSettings settings;
  private final ReconnectSettings reconnectSettings;
  private final MigrationIdentity migrationIdentity;

  /**
   * @param migrationIdentity must not be committed; attempts are numbered from its {@code
   *     attemptsBefore} on
   */
  public SwitchoverCancellation(
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity) {
    if (migrationIdentity.committed()) {
      throw new IllegalArgumentException("a committed migration cannot be cancelled");
    }
    this.settings = settings;
    this.reconnectSettings = reconnectSettings;
    this.migrationIdentity = migrationIdentity;
    reconnectSettings.destinations(settings).forEach(settings.security()::require);
  }

  /**
   * Notifies the destination, at the first of its addresses that answers.
   *
   * @param environment not closed
   * @param why the reason, for the destination's user
   * @param timeout for each address
   * @throws IOException if no address answers, with the reason of the last one
   */
  public void send(NodeEnvironment environment, String why, Duration timeout)
      throws IOException, InterruptedException {
    IoEventLoop loop = environment.newLoop("fl-src-cancel");
    IOException last = new IOException("no address to connect to");
    int attempt = migrationIdentity.attemptsBefore();
    for (InetSocketAddress address : reconnectSettings.destinations(settings)) {
      attempt++;
      CompletableFuture<Void> sent = connect(environment, loop, address, attempt, why);
      try {
        sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        sent.cancel(false);
        last = new IOException("no answer within " + timeout.toMillis() + " ms", e);
      } catch (ExecutionException e) {
        last = new IOException(OutgoingConnector.reason(e.getCause()), e);
      }
    }
    throw last;
  }

  private CompletableFuture<Void> connect(
      NodeEnvironment environment,
      IoEventLoop loop,
      InetSocketAddress address,
      int attempt,
      String why) {
    HelloClient client =
        OutgoingConnector.client(
            environment, address, settings, reconnectSettings, migrationIdentity, attempt);
    CompletableFuture<Void> closed = new CompletableFuture<>();
    @Nullable SharedKey key = OutgoingConnector.key(settings, migrationIdentity);
    return client
        .connect(Role.ROLE_CONTROL, 0, loop, key, new CloseListener(closed))
        .thenCompose(
            answered -> {
              sendFailure(answered.channel(), why);
              return closed;
            });
  }

  private static void sendFailure(Channel channel, String why) {
    Frame frame = ControlFrames.failure(why, false);
    channel.writeAndFlush(FrameWriter.frame(channel.alloc(), frame));
  }

  /** The destination acknowledges the failure by closing the connection. Frames do not matter. */
  private record CloseListener(CompletableFuture<Void> closed) implements FrameReceiver {
    @Override
    public void control(Frame frame) {}

    @Override
    public void request(int region, long page) {}

    @Override
    public void closed(Throwable cause) {
      closed.complete(null);
    }
  }
}
