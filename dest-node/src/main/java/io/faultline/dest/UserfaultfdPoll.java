package io.faultline.dest;

import io.faultline.proto.DescriptorPoll;
import io.faultline.uffd.Userfaultfd;
import io.netty.channel.IoEventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Polls a userfaultfd in an event loop next to its sockets, so that a fault is read, requested and
 * resolved on one thread. An engine without a file descriptor notifies the loop instead. Confined
 * to the control loop.
 */
final class UserfaultfdPoll {
  private final Runnable onReadable;
  private final Consumer<Throwable> onFailure;
  private @Nullable DescriptorPoll descriptor;
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
    UserfaultfdPoll poll = new UserfaultfdPoll(onReadable, onFailure);
    if (userfaultfd.fd() < 0) {
      userfaultfd.onReadable(() -> loop.execute(poll::readable));
    } else {
      poll.descriptor = DescriptorPoll.start(userfaultfd.fd(), loop, onReadable, onFailure);
    }
    return poll;
  }

  /** Stops polling. Must be called before the userfaultfd is closed. */
  void stop() {
    stopped = true;
    if (descriptor != null) {
      descriptor.stop();
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
}
