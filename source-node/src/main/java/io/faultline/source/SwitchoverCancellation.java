package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Failure;
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
 * The news for a destination that is READY that its RUN will never come: the VM goes on at the
 * source. Only for a migration that did not commit, and never will: whoever says this must have
 * seen to that before.
 *
 * <p>It comes as a later attempt of the migration, by which the destination knows that it is meant,
 * and ends there as a failure of the source does. One that is away, or has ended, hears nothing,
 * and nothing is lost by that: it never runs the VM.
 */
public final class SwitchoverCancellation {
  private final SourceSettings settings;
  private final ReconnectSettings reconnectSettings;
  private final MigrationIdentity migrationIdentity;

  /**
   * @param migrationIdentity of the process that withdraws; no attempt has a number above its
   *     {@code attemptsBefore}
   */
  public SwitchoverCancellation(
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity) {
    if (migrationIdentity.committed()) {
      throw new IllegalArgumentException("a migration that was committed cannot be withdrawn");
    }
    this.settings = settings;
    this.reconnectSettings = reconnectSettings;
    this.migrationIdentity = migrationIdentity;
    reconnectSettings.destinations(settings).forEach(settings.security()::require);
  }

  /**
   * Tells it, at the first of the destination's addresses where it is.
   *
   * @param host what it runs on; not closed
   * @param why for a person
   * @param limit for each address
   * @throws IOException where it could not be told, with the reason at the last address
   */
  public void tell(NodeEnvironment host, String why, Duration limit)
      throws IOException, InterruptedException {
    IoEventLoop loop = host.newLoop("fl-src-withdraw");
    IOException last = new IOException("there is no address");
    int attempt = migrationIdentity.attemptsBefore();
    for (InetSocketAddress address : reconnectSettings.destinations(settings)) {
      attempt++;
      CompletableFuture<Void> told = connect(host, loop, address, attempt, why);
      try {
        told.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        told.cancel(false);
        last = new IOException("no answer within " + limit.toMillis() + " ms", e);
      } catch (ExecutionException e) {
        last = new IOException(OutgoingConnector.reason(e.getCause()), e);
      }
    }
    throw last;
  }

  private CompletableFuture<Void> connect(
      NodeEnvironment host, IoEventLoop loop, InetSocketAddress address, int attempt, String why) {
    HelloClient client =
        new HelloClient(
            host,
            address,
            migrationIdentity.migrationId(),
            settings.wire().capabilities(),
            settings.security(),
            attempt,
            settings.wire().channels(),
            reconnectSettings.timeouts().silenceMillis());
    CompletableFuture<Void> ended = new CompletableFuture<>();
    @Nullable SharedKey key = settings.security().token().orElse(migrationIdentity.sessionKey());
    return client
        .connect(Role.ROLE_CONTROL, 0, loop, key, new UntilItEnds(ended))
        .thenCompose(
            answered -> {
              say(answered.channel(), why);
              return ended;
            });
  }

  private static void say(Channel channel, String why) {
    Frame frame = Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build();
    channel.writeAndFlush(FrameWriter.frame(channel.alloc(), frame));
  }

  /**
   * The destination has taken it when it ends the connection; what it still says is nothing new.
   */
  private record UntilItEnds(CompletableFuture<Void> ended) implements FrameReceiver {
    @Override
    public void control(Frame frame) {}

    @Override
    public void request(int region, long page) {}

    @Override
    public void closed(Throwable cause) {
      ended.complete(null);
    }
  }
}
