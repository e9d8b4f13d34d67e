package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the events of one userfaultfd and applies them in their order: FORK clones the state, REMAP
 * moves pages, REMOVE turns them into zeros, UNMAP drops them. Faults are only noted.
 *
 * <p>Confined to the session's event loop.
 */
final class SpaceEvents {
  private static final int EVENTS = 64;
  private static final long PAGE_MASK = -PAGE_BYTES;

  private final SpaceState state;
  private final Consumer<SpaceState> forked;
  private final LeftRanges left = new LeftRanges();
  private final EventBuffer events = new EventBuffer(EVENTS);

  /**
   * @param forked accepts the state of a child
   */
  SpaceEvents(SpaceState state, Consumer<SpaceState> forked) {
    this.state = state;
    this.forked = forked;
  }

  /**
   * Reads all events that wait.
   *
   * @return whether there were any
   */
  boolean read() {
    boolean any = false;
    int read;
    do {
      read = state.userfaultfd.read(events);
      for (int i = 0; i < read; i++) {
        apply(i);
      }
      any |= read > 0;
    } while (read == EVENTS);
    return any;
  }

  private void apply(int i) {
    state.unsettled = true;
    switch (events.type(i)) {
      case PAGE_FAULT -> {
        state.counters.faults++;
        state.waiting.add(events.address(i) & PAGE_MASK);
      }
      case FORK -> fork(events.forkedDescriptor(i));
      case REMAP -> remap(events.remapFrom(i), events.remapTo(i), events.remapLength(i));
      case REMOVE -> remove(events.rangeStart(i), events.rangeEnd(i));
      case UNMAP -> unmap(events.rangeStart(i), events.rangeEnd(i));
    }
  }

  /**
   * Applies changes that another daemon has read. Its faults are woken, and its forks are known.
   */
  void replay(List<EventBuffer> changes) {
    changes.forEach(this::replay);
  }

  private void replay(EventBuffer changes) {
    for (int i = 0; i < changes.size(); i++) {
      switch (changes.type(i)) {
        case PAGE_FAULT, FORK -> {}
        case REMAP -> moved(changes.remapFrom(i), changes.remapTo(i), changes.remapLength(i));
        case REMOVE -> state.dropIn(changes.rangeStart(i), changes.rangeEnd(i));
        case UNMAP -> unmapped(changes.rangeStart(i), changes.rangeEnd(i));
      }
    }
  }

  private void fork(int descriptor) {
    state.counters.forks++;
    Userfaultfd child = state.userfaultfd.adoptForked(descriptor);
    forked.accept(state.forked(child));
  }

  private void remap(long from, long to, long lengthBytes) {
    state.counters.remaps++;
    moved(from, to, lengthBytes);
    state.wakeIn(from, from + lengthBytes);
  }

  private void moved(long from, long to, long lengthBytes) {
    left.add(from, from + lengthBytes);
    state.dropIn(to, to + lengthBytes);
    state.map.move(from, to, lengthBytes);
  }

  private void remove(long start, long end) {
    state.counters.removes++;
    state.dropIn(start, end);
  }

  private void unmap(long start, long end) {
    state.counters.unmaps++;
    unmapped(start, end);
    state.wakeIn(start, end);
  }

  private void unmapped(long start, long end) {
    if (!left.remove(start, end)) {
      state.dropIn(start, end);
      state.map.unmap(start, end);
    }
  }
}
