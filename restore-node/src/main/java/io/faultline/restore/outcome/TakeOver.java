package io.faultline.restore.outcome;

import io.faultline.restore.outcome.StateDirectory.ProcessLine;
import io.faultline.restore.outcome.StateDirectory.SpaceLine;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads what an earlier daemon has left: fetches the userfaultfds from the holders, and the changes
 * of each space from its journal and from those of the spaces that it was forked from. Not
 * thread-safe.
 */
final class TakeOver {
  /** What is known of a space. */
  record Found(HeldSpace space, String journal, PidFd holder) {}

  private static final long WAIT_MILLIS = 2;

  private final StateDirectory state;
  private final Journals journals;
  private final Map<String, SpaceLine> lines = new HashMap<>();
  private final Map<String, EventJournal> opened = new HashMap<>();

  TakeOver(StateDirectory state, Journals journals) {
    this.state = state;
    this.journals = journals;
  }

  /**
   * Finds all spaces that are not complete.
   *
   * @throws IOException if memory is lost, or the restore was not complete: then the processes were
   *     killed; the message is for the user
   */
  List<Found> find() throws IOException {
    if (!state.exists()) {
      throw new IOException(
          state.path()
              + " does not exist: is the work directory (-W) that of a lazy-pages with --on-failure"
              + " hold that was killed?");
    }
    String lost = lost();
    if (!lost.isEmpty()) {
      killAll();
      throw new IOException(lost + "; all its processes were killed: restore again");
    }
    Set<String> completed = state.completed();
    List<Found> found = new ArrayList<>();
    for (SpaceLine line : lines.values()) {
      if (!completed.contains(line.journal())) {
        found.add(fetch(line));
      }
    }
    return found;
  }

  /** What makes it impossible to continue; empty if nothing does. */
  private String lost() throws IOException {
    for (SpaceLine line : state.spaces()) {
      lines.put(line.journal(), line);
      opened.put(line.journal(), journals.open(line.journal()));
    }
    if (!state.isRestored()) {
      return "the earlier lazy-pages ended while CRIU restored";
    }
    Set<String> completed = state.completed();
    for (SpaceLine line : lines.values()) {
      if (!completed.contains(line.journal()) && !isHeld(line)) {
        return "the holder of process " + line.pid() + "'s userfaultfd was killed";
      }
      if (hasLostChild(line)) {
        return "process " + line.pid() + " forked in the moment when lazy-pages was killed";
      }
    }
    return "";
  }

  private static boolean isHeld(SpaceLine line) {
    try (PidFd holder = PidFd.open(line.holder(), line.holderTicks())) {
      return holder != null && !holder.hasExited();
    }
  }

  /** Whether a child was forked whose userfaultfd did not get a holder. */
  private boolean hasLostChild(SpaceLine line) {
    Set<Long> held = new HashSet<>();
    lines.values().stream()
        .filter(each -> each.parent().equals(line.journal()))
        .forEach(each -> held.add(each.position()));
    long position = 0;
    for (EventBuffer events : journal(line.journal()).events(Long.MAX_VALUE)) {
      for (int i = 0; i < events.size(); i++, position += EventJournal.MESSAGE_BYTES) {
        if (events.type(i) == EventType.FORK && !held.contains(position)) {
          return true;
        }
      }
    }
    return false;
  }

  private Found fetch(SpaceLine line) throws IOException {
    PidFd holder = PidFd.open(line.holder(), line.holderTicks());
    OptionalInt descriptor =
        holder == null ? OptionalInt.empty() : holder.duplicate(DescriptorHolder.FIRST_DESCRIPTOR);
    if (holder == null || descriptor.isEmpty()) {
      throw new IOException("the holder of process " + line.pid() + "'s userfaultfd was killed");
    }
    EventJournal journal = journal(line.journal());
    HeldSpace space =
        new HeldSpace(line.pid(), descriptor.getAsInt(), journal, events(line, Long.MAX_VALUE));
    return new Found(space, line.journal(), holder);
  }

  /** All changes since the restore: first those of its parent, until it was forked. */
  private List<EventBuffer> events(SpaceLine line, long limit) {
    List<EventBuffer> all = new ArrayList<>();
    SpaceLine parent = lines.get(line.parent());
    if (parent != null) {
      all.addAll(events(parent, line.position()));
    }
    all.addAll(journal(line.journal()).events(limit));
    return all;
  }

  private EventJournal journal(String name) {
    EventJournal journal = opened.get(name);
    if (journal == null) {
      throw new IllegalStateException("the journal " + name + " is not open");
    }
    return journal;
  }

  /** Kills the restored processes; their userfaultfds stay open until they have exited. */
  private void killAll() throws IOException {
    List<PidFd> holders = state.holders();
    try (RestoredProcesses processes = new RestoredProcesses(found -> {})) {
      for (ProcessLine line : state.processes()) {
        processes.addKnown(line.pid(), line.startTicks());
      }
      while (!processes.end()) {
        Thread.sleep(WAIT_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the processes were killed", e);
    }
    for (PidFd holder : holders) {
      holder.sendSignal(PidFd.SIGKILL);
      holder.close();
    }
    journals.close();
    state.delete();
  }
}
