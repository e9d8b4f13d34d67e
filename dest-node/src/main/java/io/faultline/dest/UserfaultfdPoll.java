package io.faultline.dest;

import io.faultline.proto.Transport;
import io.faultline.uffd.Userfaultfd;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Registers a userfaultfd with an event loop next to its sockets, so that a fault is read,
 * requested and resolved on one thread. An engine without a file descriptor notifies the loop
 * instead. Confined to the control loop.
 */
final class UserfaultfdPoll {
  private final Runnable onReadable;
  private final Consumer<Throwable> onFailure;
  private @Nullable IoRegistration registration;
  private boolean stopped;

  private UserfaultfdPoll(Runnable onReadable, Consumer<Throwable> onFailure) {
    this.onReadable = onReadable;
    this.onFailure = onFailure;
  }

  /**
   * Starts polling.
   *
   * @param loop must be an epoll loop if the userfaultfd has a file descriptor
   * @param onReadable called on the loop when faults may be pending
   * @param onFailure called on the loop with the exception if {@code onReadable} throws
   */
  static UserfaultfdPoll start(
      Userfaultfd userfaultfd,
      IoEventLoop loop,
      Runnable onReadable,
      Consumer<Throwable> onFailure) {
    if (userfaultfd.fd() >= 0 && !loop.isCompatible(Handle.class)) {
      throw new IllegalStateException(
          "the kernel's userfaultfd needs Netty's epoll, which is not available here: "
              + Transport.epollProblem());
    }
    UserfaultfdPoll poll = new UserfaultfdPoll(onReadable, onFailure);
    if (userfaultfd.fd() < 0) {
      userfaultfd.onReadable(() -> loop.execute(poll::readable));
    } else {
      loop.register(new Handle(userfaultfd.fd(), poll))
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  poll.registered((IoRegistration) done.getNow());
                } else {
                  onFailure.accept(done.cause());
                }
              });
    }
    return poll;
  }

  /** Stops polling. Must be called before the userfaultfd is closed. */
  void stop() {
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
    } catch (RuntimeException | Error e) { // otherwise a vCPU would sleep forever
      onFailure.accept(e);
    }
  }

  /**
   * The userfaultfd as an I/O handle of the event loop. Closing it does not close the descriptor.
   */
  private record Handle(FileDescriptor fd, UserfaultfdPoll poll) implements EpollIoHandle {
    Handle(int fd, UserfaultfdPoll poll) {
      this(new FileDescriptor(fd), poll);
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      poll.readable();
    }

    @Override
    public void close() {}
  }
}
