package io.faultline.proto;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Polls a file descriptor that is no socket of Netty's, such as a userfaultfd, in an event loop
 * next to its sockets. Confined to the loop.
 */
public final class DescriptorPoll {
  private final Runnable onReadable;
  private final Consumer<Throwable> onFailure;
  private @Nullable IoRegistration registration;
  private boolean stopped;

  private DescriptorPoll(Runnable onReadable, Consumer<Throwable> onFailure) {
    this.onReadable = onReadable;
    this.onFailure = onFailure;
  }

  /**
   * Starts polling.
   *
   * @param onReadable called on the loop when something may be readable
   * @param onFailure called on the loop if polling fails, and with what {@code onReadable} throws,
   *     which the loop would only log
   * @throws IllegalStateException if the loop does not use epoll
   */
  public static DescriptorPoll start(
      int descriptor, IoEventLoop loop, Runnable onReadable, Consumer<Throwable> onFailure) {
    if (!loop.isCompatible(Handle.class)) {
      throw new IllegalStateException(
          "polling a file descriptor needs Netty's epoll, which is not available here: "
              + Transport.epollProblem());
    }
    DescriptorPoll poll = new DescriptorPoll(onReadable, onFailure);
    loop.register(new Handle(new FileDescriptor(descriptor), poll))
        .addListener(
            done -> {
              if (done.isSuccess()) {
                poll.registered((IoRegistration) done.getNow());
              } else {
                onFailure.accept(done.cause());
              }
            });
    return poll;
  }

  /** Stops polling. Must be called before the descriptor is closed. */
  public void stop() {
    stopped = true;
    if (registration != null) {
      registration.cancel();
    }
  }

  private void registered(IoRegistration made) {
    registration = made;
    if (stopped) {
      made.cancel();
    } else {
      made.submit(EpollIoOps.EPOLLIN);
    }
  }

  private void readable() {
    if (stopped) {
      return;
    }
    try {
      onReadable.run();
    } catch (RuntimeException | Error e) {
      onFailure.accept(e);
    }
  }

  /**
   * The descriptor as an I/O handle of the event loop. Closing it does not close the descriptor.
   */
  private record Handle(FileDescriptor fd, DescriptorPoll poll) implements EpollIoHandle {
    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      poll.readable();
    }

    @Override
    public void close() {}
  }
}
