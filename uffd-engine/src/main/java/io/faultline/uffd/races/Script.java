package io.faultline.uffd.races;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * An interleaving of the commit message that solved the race in Linux 4.4 ("userfaultfd: solve the
 * race between UFFDIO_COPY|ZEROPAGE and read"): who goes on, move by move. Behind its end, and
 * where the one whose turn it is sleeps, whoever can go on does.
 */
enum Script {
  /** The fault is read while the background thread has placed the page, but not marked it. */
  READ_BEFORE_MARKED(
      "the fault is read between UFFDIO_COPY and the mark RECEIVED: the background thread would"
          + " have to wake"),

  /** The fault is read after the background thread has placed the page and marked it. */
  READ_AFTER_MARKED(
      "the fault is read after the mark RECEIVED: the fault reader would have to wake");

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

  /** Plays it over one page. */
  Run play(Setting setting) {
    Deque<Role> left = new ArrayDeque<>(turns());
    try (PostcopyProgram program = new PostcopyProgram(setting, 1)) {
      return program.run(able -> next(left, able));
    }
  }

  private static Actor next(Deque<Role> left, List<Actor> able) {
    while (!left.isEmpty()) {
      Role role = left.remove();
      for (Actor actor : able) {
        if (actor.role() == role) {
          return actor;
        }
      }
    }
    return able.getFirst();
  }
}
