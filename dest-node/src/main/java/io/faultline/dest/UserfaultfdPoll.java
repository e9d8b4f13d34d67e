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
 * Lets an event loop poll a userfaultfd beside its sockets, so that a fault is read, asked for and
 * answered on one thread. An engine without a descriptor calls the loop instead.
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
   * Starts to poll.
   *
   * @param loop of epoll, where the userfaultfd has a descriptor
   * @param onReadable called on the loop when faults may wait
   * @param onFailure called on the loop with what {@code onReadable} threw
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

  /** Loop: stops; faults are not read any more. Must come before the userfaultfd is closed. */
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
    } catch (RuntimeException | Error e) { // a vCPU would sleep for ever, with a line in a log
      onFailure.accept(e);
    }
  }

  /** The userfaultfd as the event loop knows it. Closing it here does not close the descriptor. */
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
