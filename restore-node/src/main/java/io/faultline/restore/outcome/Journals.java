package io.faultline.restore.outcome;

import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The journals of all spaces of a session. Confined to the session's event loop. */
final class Journals implements AutoCloseable {
  /** A journal whose space is not known yet. */
  record Opened(EventJournal journal, @Nullable EventJournal parent, long position) {}

  private static final String PREFIX = "space-";

  private final Path directory;
  private final List<EventJournal> journals = new ArrayList<>();

  /** By descriptor. */
  private final Map<Integer, Opened> opened = new HashMap<>();

  private final IntConsumer forked;
  private int number;

  /**
   * @param forked gets the descriptor of a forked child as soon as it was read
   */
  Journals(Path directory, IntConsumer forked) {
    this.directory = directory;
    this.forked = forked;
  }

  /** The journal of a task's userfaultfd that has arrived. */
  MessageMemory ofTask(int descriptor) throws IOException {
    EventJournal journal = create();
    opened.put(descriptor, new Opened(journal, null, 0));
    return journal;
  }

  private MessageMemory ofChild(EventJournal parent, long position, int descriptor) {
    forked.accept(descriptor);
    try {
      EventJournal journal = create();
      opened.put(descriptor, new Opened(journal, parent, position));
      return journal;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was opened for a descriptor, once. */
  Opened take(int descriptor) {
    Opened taken = opened.remove(descriptor);
    if (taken == null) {
      throw new IllegalStateException("descriptor " + descriptor + " has no journal");
    }
    return taken;
  }

  /** Opens the journal of an earlier daemon. */
  EventJournal open(String name) throws IOException {
    EventJournal journal = EventJournal.open(directory.resolve(name), this::ofChild);
    journals.add(journal);
    return journal;
  }

  private EventJournal create() throws IOException {
    while (Files.exists(directory.resolve(PREFIX + number))) {
      number++;
    }
    return open(PREFIX + number);
  }

  @Override
  public void close() {
    journals.forEach(EventJournal::close);
    journals.clear();
  }
}
