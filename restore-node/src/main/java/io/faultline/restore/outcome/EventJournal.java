package io.faultline.restore.outcome;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.restore.file.MappedFile;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.linux.MessageMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The changes of one address space, in a mapped file: the kernel itself writes the messages of the
 * userfaultfd there. So a message that was read is in the file, even if this process is killed
 * before it has looked at it.
 *
 * <p>The file is a sequence of {@code struct uffd_msg}; its first message without an event is the
 * end. Faults are not kept: messages are written over those that were nothing but faults.
 *
 * <p>Confined to the session's event loop.
 */
final class EventJournal implements MessageMemory, AutoCloseable {
  private static final int BATCH = 4096;

  /** The offset of a forked descriptor in a message. */
  private static final int FORKED = 8;

  /** Makes the journal of a forked child. */
  interface Forks {
    MessageMemory forked(EventJournal parent, long position, int descriptor);
  }

  private final MappedFile file;
  private final Forks forks;
  private long batch;
  private long end;

  private EventJournal(MappedFile file, Forks forks) {
    this.file = file;
    this.forks = forks;
  }

  /**
   * Opens a journal; creates it if it does not exist.
   *
   * @throws IOException if the file cannot be written
   */
  static EventJournal open(Path file, Forks forks) throws IOException {
    EventJournal journal = new EventJournal(MappedFile.open(file), forks);
    journal.findEnd();
    return journal;
  }

  /** The name of the file. */
  String name() {
    return file.name();
  }

  private void findEnd() {
    for (long at = 0; MessageMemory.isMessage(file.memory(), at); at += MESSAGE_BYTES) {
      EventBuffer message = new EventBuffer(1);
      MessageMemory.decode(file.memory(), at, message);
      if (message.type(0) != EventType.PAGE_FAULT) {
        end = at + MESSAGE_BYTES;
      }
    }
  }

  /** Reads what is in the journal, up to a position. */
  List<EventBuffer> events(long limit) {
    List<EventBuffer> batches = new ArrayList<>();
    EventBuffer events = new EventBuffer(BATCH);
    for (long at = 0;
        at < limit && MessageMemory.isMessage(file.memory(), at);
        at += MESSAGE_BYTES) {
      if (events.size() == BATCH) {
        batches.add(events);
        events = new EventBuffer(BATCH);
      }
      MessageMemory.decode(file.memory(), at, events);
    }
    batches.add(events);
    return batches;
  }

  /** The position of the message about a child; -1 if there is none. */
  long positionOf(int forkedDescriptor, long from) {
    for (long at = from; MessageMemory.isMessage(file.memory(), at); at += MESSAGE_BYTES) {
      EventBuffer message = new EventBuffer(1);
      MessageMemory.decode(file.memory(), at, message);
      if (message.type(0) == EventType.FORK
          && file.memory().get(JAVA_INT, at + FORKED) == forkedDescriptor) {
        return at;
      }
    }
    return -1;
  }

  @Override
  public MemorySegment reserve(long bytes) {
    file.require(end + bytes);
    return file.memory().asSlice(end, bytes);
  }

  @Override
  public void added(EventBuffer events) {
    batch = end;
    for (int i = 0; i < events.size(); i++) {
      if (events.type(i) != EventType.PAGE_FAULT) {
        end = batch + (i + 1L) * MESSAGE_BYTES;
      }
    }
  }

  @Override
  public MessageMemory forked(int descriptor) {
    return forks.forked(this, positionOf(descriptor, batch), descriptor);
  }

  @Override
  public void close() {
    file.close();
  }
}
