package io.faultline.dest;

import io.faultline.proto.FrameDecoder;
import io.faultline.proto.Hellos;
import io.faultline.proto.ShortQueue;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the connections of one migration in: those of the first attempt, and of each later one
 * where the migration can go on with them. Belongs to the accept loop.
 */
final class Door implements HelloServer.Reception {
  private final MigrationDestination destination;
  private final Consumer<String> log;
  private final EventLoop controlLoop;
  private final EventLoop bulkLoop;
  private @Nullable IncomingSession session;
  private boolean bulkAccepted;

  /**
   * @param log gets a line for each connection that is turned away
   */
  Door(
      MigrationDestination destination,
      EventLoop controlLoop,
      EventLoop bulkLoop,
      Consumer<String> log) {
    this.destination = destination;
    this.log = log;
    this.controlLoop = controlLoop;
    this.bulkLoop = bulkLoop;
  }

  @Override
  public void accept(Channel channel, FrameDecoder decoder, Hello hello) throws WireException {
    if (hello.getRole() == Role.ROLE_CONTROL) {
      checkControl(hello);
      IncomingSession next = new IncomingSession(hello);
      session = next;
      bulkAccepted = false;
      move(channel, controlLoop, decoder, hello, next);
    } else {
      IncomingSession of = checkBulk(hello);
      ShortQueue.atReceiver(channel);
      move(channel, bulkLoop, decoder, hello, of);
    }
  }

  private void checkControl(Hello hello) throws WireException {
    if (session == null) {
      // A source that comes again has committed: its VM is, or was, at another destination.
      if (hello.getAttempt() != Hellos.FIRST_ATTEMPT) {
        throw new WireException(
            "attempt " + hello.getAttempt() + " of a migration that this destination knows not of");
      }
      return;
    }
    Hello before = session.hello();
    if (!hello.getMigrationId().equals(before.getMigrationId())) {
      throw new WireException("this destination is busy with another migration");
    }
    if (hello.getAttempt() <= before.getAttempt()) {
      throw new WireException(
          "attempt " + hello.getAttempt() + " comes behind attempt " + before.getAttempt());
    }
    if (!Hellos.capabilities(hello).equals(Hellos.capabilities(before))) {
      throw new WireException("a later attempt that can do other things than the first");
    }
    if (!destination.state().isRecoverable()) {
      throw new WireException(
          "the migration cannot go on with new connections during " + destination.state());
    }
  }

  private IncomingSession checkBulk(Hello hello) throws WireException {
    IncomingSession of = session;
    if (of == null
        || !hello.getMigrationId().equals(of.hello().getMigrationId())
        || hello.getAttempt() != of.hello().getAttempt()) {
      throw new WireException("a bulk connection for a migration that is not under way");
    }
    if (bulkAccepted) {
      throw new WireException("a second bulk connection");
    }
    if (!Hellos.capabilities(hello).equals(Hellos.capabilities(of.hello()))) {
      throw new WireException(
          "a bulk connection that can do other things than its control connection");
    }
    bulkAccepted = true;
    return of;
  }

  @Override
  public void turnedAway(Channel channel, Throwable why) {
    log.accept("turned away " + channel.remoteAddress() + ": " + why.getMessage());
  }

  /** Moves a connection to the loop of its role; there it is made known and answered. */
  private void move(
      Channel channel, EventLoop loop, FrameDecoder decoder, Hello hello, IncomingSession of) {
    boolean isControl = hello.getRole() == Role.ROLE_CONTROL;
    decoder.handOver(
        isControl ? new ControlReceiver(destination, of) : new BulkReceiver(destination, of));
    channel
        .deregister()
        .addListener(
            left ->
                loop.register(channel)
                    .addListener(
                        arrived -> {
                          if (arrived.isSuccess()) {
                            destination.arrived(channel, hello, of);
                          } else {
                            destination.gone(of, isControl, arrived.cause());
                          }
                        }));
  }
}
