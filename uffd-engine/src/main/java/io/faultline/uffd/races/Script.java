package io.faultline.uffd.races;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * An interleaving from the commit message that fixed the race in Linux 4.4 ("userfaultfd: solve the
 * race between UFFDIO_COPY|ZEROPAGE and read"): which thread runs, action by action. A turn of a
 * thread that sleeps is skipped; after the last turn, any runnable thread continues.
 */
enum Script {
  /** The fault is read after the background thread placed the page, before it marks it. */
  READ_BEFORE_MARKED(
      "the fault is read after UFFDIO_COPY and before the page is marked RECEIVED:"
          + " the background thread would have to wake"),

  /** The fault is read after the background thread placed and marked the page. */
  READ_AFTER_MARKED(
      "the fault is read after the page is marked RECEIVED: the fault reader would have to wake");

  private final String title;

  Script(String title) {
    this.title = title;
  }

  private List<Role> turns() {
    List<Role> turns = new ArrayList<>();
    turns.add(Role.VCPU); // finds the page missing
    turns.addAll(List.of(Role.BACKGROUND, Role.BACKGROUND, Role.BACKGROUND)); // places it
    if (this == READ_AFTER_MARKED) {
      turns.add(Role.BACKGROUND); // marks it
    }
    turns.add(Role.VCPU); // enters the queue
    turns.addAll(List.of(Role.FAULT_READER, Role.FAULT_READER, Role.FAULT_READER));
    return turns;
  }

  String title() {
    return title;
  }

  /** Replays it over one page. */
  Run replay(Scenario scenario) {
    Deque<Role> remaining = new ArrayDeque<>(turns());
    try (PostcopyProgram program = new PostcopyProgram(scenario, 1)) {
      return program.run(runnable -> next(remaining, runnable));
    }
  }

  private static Actor next(Deque<Role> remaining, List<Actor> runnable) {
    while (!remaining.isEmpty()) {
      Role role = remaining.remove();
      for (Actor actor : runnable) {
        if (actor.role() == role) {
          return actor;
        }
      }
    }
    return runnable.getFirst();
  }
}
