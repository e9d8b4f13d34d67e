package io.faultline.restore;

import io.faultline.restore.outcome.HeldSpace;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.space.Space;
import io.faultline.restore.space.SpaceCounters;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Makes spaces of the userfaultfds that arrive, from CRIU or from an earlier daemon. Confined to
 * the session's event loop.
 */
final class ArrivingSpaces {
  private final Adoption adopt;
  private final ExpectedTasks tasks;
  private final Outcome outcome;
  private final Space.Listener listener;
  private final SpaceCounters counters;

  /** Makes a userfaultfd of a descriptor. */
  interface Adoption {
    Userfaultfd adopt(int descriptor, @Nullable MessageMemory memory);
  }

  /**
   * @param listener of all spaces
   */
  ArrivingSpaces(
      Adoption adopt,
      ExpectedTasks tasks,
      Outcome outcome,
      Space.Listener listener,
      SpaceCounters counters) {
    this.adopt = adopt;
    this.tasks = tasks;
    this.outcome = outcome;
    this.listener = listener;
    this.counters = counters;
  }

  /**
   * The space of a process that CRIU restores.
   *
   * @throws IOException if its images cannot be read
   * @throws IllegalArgumentException if the images do not have it, or it has come before
   */
  Space of(int pid, int descriptor) throws IOException {
    Userfaultfd userfaultfd = adopt.adopt(descriptor, outcome.memory(descriptor));
    return new Space(userfaultfd, tasks.living(pid), listener, counters);
  }

  /** The space of an earlier daemon, as far as that knew it: see {@link #findPresent}. */
  Space resumed(HeldSpace held) throws IOException {
    Userfaultfd userfaultfd = adopt.adopt(held.descriptor(), held.memory());
    Space space =
        Space.resumed(userfaultfd, tasks.resumed(held.pid()), listener, counters, held.events());
    outcome.resumed(held, space);
    return space;
  }

  /** Finds the pages that the earlier daemon has placed, and has the faults repeated. */
  static void findPresent(HeldSpace held, Space space) throws IOException {
    try (Pagemap pagemap = held.pagemap()) {
      boolean _ = pagemap != null && space.findPresent(pagemap);
    }
    space.wakeAll();
  }
}
