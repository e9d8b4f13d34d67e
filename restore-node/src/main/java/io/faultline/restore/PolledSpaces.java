package io.faultline.restore;

import io.faultline.proto.DescriptorPoll;
import io.faultline.restore.space.Space;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The spaces of a session whose pages have not all arrived, each with its userfaultfd polled. A
 * process that forks adds its child meanwhile, at the end.
 *
 * <p>Confined to the session's event loop.
 */
final class PolledSpaces {
  private final IoEventLoop loop;
  private final Consumer<Space> onReadable;
  private final Consumer<Throwable> onFailure;
  private final List<Polled> all = new ArrayList<>();

  /**
   * @param poll null for an engine without file descriptors
   */
  private record Polled(Space space, @Nullable DescriptorPoll poll) {}

  PolledSpaces(IoEventLoop loop, Consumer<Space> onReadable, Consumer<Throwable> onFailure) {
    this.loop = loop;
    this.onReadable = onReadable;
    this.onFailure = onFailure;
  }

  void add(Space space) {
    int descriptor = space.userfaultfd().fd();
    Runnable readable = () -> onReadable.accept(space);
    if (descriptor >= 0) {
      all.add(new Polled(space, DescriptorPoll.start(descriptor, loop, readable, onFailure)));
    } else {
      all.add(new Polled(space, null));
      space.userfaultfd().onReadable(() -> loop.execute(() -> ifOpen(space, readable)));
    }
  }

  private void ifOpen(Space space, Runnable readable) {
    if (all.stream().anyMatch(polled -> polled.space == space)) {
      readable.run();
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  Space last() {
    return all.getLast().space;
  }

  /** All lazy memory of all of them is registered. */
  void registered() {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).space.registered();
    }
  }

  void readEvents() {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).space.readEvents();
    }
  }

  void settle() {
    for (int i = 0; i < all.size(); i++) {
      Space space = all.get(i).space;
      if (space.isUnsettled()) {
        space.settle();
      }
    }
  }

  boolean isAnyUnsettled() {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).space.isUnsettled()) {
        return true;
      }
    }
    return false;
  }

  /**
   * A space that needs nothing any more, also not for an event that waits; null if none. Events are
   * read first, until a space that looked complete has none: a fault may be among them.
   */
  @Nullable Space nextComplete() {
    for (int i = 0; i < all.size(); i++) {
      Space space = all.get(i).space;
      while (space.isComplete() && space.readEvents()) {
        space.settle();
      }
      if (space.isComplete()) {
        return space;
      }
    }
    return null;
  }

  /** Closes the userfaultfd of a space. */
  void close(Space space) {
    for (int i = 0; i < all.size(); i++) {
      Polled polled = all.get(i);
      if (polled.space == space) {
        if (polled.poll != null) {
          polled.poll.stop();
        }
        all.remove(i);
        space.close();
        return;
      }
    }
  }
}
