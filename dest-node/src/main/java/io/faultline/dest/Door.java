package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Hellos;
import io.faultline.proto.ShortQueue;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes the connections of one migration in. Belongs to the accept loop. */
final class Door implements HelloServer.Reception {
  private final MigrationDestination destination;
  private final EventLoop controlLoop;
  private final EventLoop bulkLoop;
  private @Nullable ByteString migrationId;
  private Set<Capability> capabilities = Set.of();
  private boolean bulkAccepted;

  Door(MigrationDestination destination, EventLoop controlLoop, EventLoop bulkLoop) {
    this.destination = destination;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
  }

  @Override
  public void accept(Channel channel, FrameDecoder decoder, Hello hello) throws WireException {
    boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
    if (isControl ? migrationId != null : !hello.getMigrationId().equals(migrationId)) {
      throw new WireException(
          isControl
              ? "this destination is busy with another migration"
              : "a bulk connection for a migration that is not under way");
    }
    if (!isControl && bulkAccepted) {
      throw new WireException("a second bulk connection");
    }
    if (!isControl && !Hellos.capabilities(hello).equals(capabilities)) {
      throw new WireException(
          "a bulk connection that can do other things than its control connection");
    }
    if (isControl) {
      capabilities = Hellos.capabilities(hello);
      migrationId = hello.getMigrationId();
      move(channel, controlLoop, decoder, hello, new ControlReceiver(destination));
    } else {
      bulkAccepted = true;
      ShortQueue.atReceiver(channel);
      move(channel, bulkLoop, decoder, hello, new BulkReceiver(destination));
    }
  }

  @Override
  public void turnedAway(Channel channel, Throwable why) {
    destination.log("turned away " + channel.remoteAddress() + ": " + why.getMessage());
  }

  /** Moves a connection to the loop of its role; there it is made known and answered. */
  private void move(
      Channel channel, EventLoop loop, FrameDecoder decoder, Hello hello, FrameReceiver receiver) {
    decoder.handOver(receiver);
    boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
    channel
        .deregister()
        .addListener(
            left ->
                loop.register(channel)
                    .addListener(
                        arrived -> {
                          if (arrived.isSuccess()) {
                            destination.onControlLoop(
                                () -> destination.arrived(channel, hello, isControl));
                          } else {
                            destination.failed(
                                "a connection was lost: " + arrived.cause().getMessage());
                          }
                        }));
  }
}
