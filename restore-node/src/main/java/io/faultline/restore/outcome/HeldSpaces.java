package io.faultline.restore.outcome;

import io.faultline.restore.space.Space;
import io.faultline.uffd.linux.MessageMemory;
import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The spaces of a session, each with a holder and a journal, and what the {@link StateDirectory}
 * says about them. Confined to the session's event loop.
 */
final class HeldSpaces implements AutoCloseable {
  private final StateDirectory state;
  private final Holders holders;
  private final Journals journals;
  private final Map<Space, String> names = new HashMap<>();

  /**
   * @param journals whose forks are protected by the holders
   */
  HeldSpaces(StateDirectory state, Holders holders, Journals journals) {
    this.state = state;
    this.holders = holders;
    this.journals = journals;
  }

  /** The memory for the messages of a task's userfaultfd. */
  MessageMemory memory(int descriptor) throws IOException {
    return journals.ofTask(descriptor);
  }

  /** A space with a userfaultfd that has just arrived from CRIU. */
  void add(Space space) {
    int descriptor = space.userfaultfd().fd();
    Journals.Opened opened = journals.take(descriptor);
    names.put(space, opened.journal().name());
    add(space, opened, holders.hold(space, descriptor));
  }

  /** A space with a userfaultfd that has just arrived by a fork. */
  void addForked(Space space) {
    int descriptor = space.userfaultfd().fd();
    Journals.Opened opened = journals.take(descriptor);
    names.put(space, opened.journal().name());
    holders.holdSoon(space, descriptor, holder -> add(space, opened, holder));
  }

  private void add(Space space, Journals.Opened opened, DescriptorHolder holder) {
    String name = opened.journal().name();
    try {
      EventJournal parent = opened.parent();
      int pid = space.layout().pid();
      if (parent == null) {
        state.addSpace(pid, holder, name);
      } else {
        state.addForkedSpace(pid, holder, name, parent.name(), opened.position());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A space of an earlier daemon. */
  void resume(Space space, String journal, PidFd holder) {
    names.put(space, journal);
    holders.adopt(space, holder);
  }

  /** It needs neither holder nor journal; children that it forked need its journal all the same. */
  void complete(Space space) {
    holders.holdNow(
        space); // so that the fork is known, for which its parent's journal has a message
    try {
      state.addCompleted(String.valueOf(names.remove(space)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    holders.release(space);
  }

  @Override
  public void close() {
    journals.close();
  }
}
