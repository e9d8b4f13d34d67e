package io.faultline.restore.outcome;

import io.faultline.restore.outcome.StateDirectory.SpaceLine;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an earlier daemon has left: fetches the userfaultfds from the holders, and the changes
 * of each space from its journal and from those of the spaces that it was forked from. Not
 * thread-safe.
 */
final class TakeOver {
  /** What is known of a space. */
  record Found(HeldSpace space, String journal, PidFd holder) {}

  private final StateDirectory state;
  private final Journals journals;
  private final Map<String, SpaceLine> lines = new HashMap<>();
  private final Map<String, EventJournal> opened = new HashMap<>();

  TakeOver(StateDirectory state, Journals journals) {
    this.state = state;
    this.journals = journals;
  }

  /**
   * The state that an earlier daemon has left.
   *
   * @throws IOException if there is none, or that daemon still runs; the message is for the user
   */
  static StateDirectory begin(Path workDirectory) throws IOException {
    StateDirectory state = StateDirectory.of(workDirectory);
    if (!state.exists()) {
      throw new IOException(
          state.path()
              + " does not exist: is the work directory (-W) that of a lazy-pages with --on-failure"
              + " hold that was killed?");
    }
    DaemonLock.await(state);
    return state;
  }

  /**
   * Reads what is known.
   *
   * @return what makes it impossible to continue, for the user: memory is lost, the restore was not
   *     complete, or the source may have its processes back; empty if nothing does
   */
  String lost() throws IOException {
    SourceFiles source = new SourceFiles(state.path());
    if (source.isOwned()) {
      return "";
    }
    for (SpaceLine line : state.spaces()) {
      lines.put(line.journal(), line);
      opened.put(line.journal(), journals.open(line.journal()));
    }
    if (!state.isRestored()) {
      return "the earlier lazy-pages ended while CRIU restored";
    }
    String ended = lostSource(source);
    return ended.isEmpty() ? lostSpace() : ended;
  }

  private static String lostSource(SourceFiles source) throws IOException {
    if (source.isKilling() || source.leaseNanos() <= 0) {
      return "the source keeps its processes for a limited time, which is over";
    }
    try (PidFd connection = source.connection()) {
      boolean closed = connection == null || connection.hasExited();
      return source.hasConnection() && closed
          ? "the holder of the connection to the source was killed"
          : "";
    }
  }

  private String lostSpace() throws IOException {
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

  /** Finds all spaces that are not complete. */
  List<Found> find() throws IOException {
    Set<String> completed = state.completed();
    List<Found> found = new ArrayList<>();
    for (SpaceLine line : lines.values()) {
      if (!completed.contains(line.journal())) {
        found.add(fetch(line));
      }
    }
    return found;
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
        new HeldSpace(
            line.pid(),
            descriptor.getAsInt(),
            journal,
            events(line, Long.MAX_VALUE),
            pagemap(line));
    return new Found(space, line.journal(), holder);
  }

  /** A forked child has the same pid in the images as its parent, and is not known by another. */
  private @Nullable Pagemap pagemap(SpaceLine line) throws IOException {
    if (line.isForked()) {
      return null;
    }
    try (PidFd process = state.task(line.pid())) {
      if (process == null) {
        return null;
      }
      Pagemap pagemap = new LinuxKernel().openPagemap(process.pid());
      if (!process.hasExited()) {
        return pagemap;
      }
      pagemap.close();
    } catch (SystemCallException e) {
      // it has exited, or may not be looked at: its pages are fetched again
    }
    return null;
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
}
