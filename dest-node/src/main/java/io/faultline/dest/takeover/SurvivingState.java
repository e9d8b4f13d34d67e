package io.faultline.dest.takeover;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * The state of an incoming migration in a mapped file: its {@link TakeOverStage}, and with
 * placement continue one bit per base page. A store to it is in the file even if this process is
 * killed with the next instruction, since the kernel keeps the page cache.
 *
 * <pre>
 *   0          8          16         24         64
 *   +----------+----------+----------+----------+--------------------+--------------------+---
 *   | MAGIC    | stage    | note     | (unused) | pages of region 0  | pages of region 1  | ...
 *   +----------+----------+----------+----------+--------------------+--------------------+---
 *                                               64 pages to a word, the lowest bit first
 * </pre>
 *
 * <p><b>Why a kill at any instruction is safe.</b> With placement continue the order for each page
 * is: claim it (in memory only), write it through the transfer mapping, set its bit here, map it
 * for the guest (UFFDIO_CONTINUE), for a huge page once all bits of its base pages are set. A page
 * that has no bit was perhaps claimed, perhaps written in part, but never mapped: the guest has not
 * seen it, so it is missing, and may be written again. A page that has its bit is completely
 * written; the guest may have seen and changed it, so it is current and is not written again, and
 * if it was not mapped yet, the guest's next fault maps it. Stores of one thread become visible in
 * their order, and a kill takes effect between two instructions, so there is nothing in between.
 * The page table cannot answer instead: it has no parts of huge pages, and the kernel removes pages
 * of shared memory from it when memory is short. With placement copy it can: the kernel places a
 * page and maps it in one step, and refuses a second copy.
 *
 * <p>Thread-safe, except {@link #close}.
 */
public final class SurvivingState implements WrittenPages, AutoCloseable {
  /** The size of a file without pages. */
  public static final long EMPTY_BYTES = 64;

  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
  private static final long MAGIC = 0x31_54_53_45_44_4c_46L; // "FLDEST1"
  private static final long MAGIC_AT = 0;
  private static final long STAGE_AT = 8;
  private static final long NOTE_AT = 16;
  private static final long HEADER_BYTES = EMPTY_BYTES;
  private static final int BITS = Long.SIZE;
  private static final int CHUNK_BYTES = 64 << 10;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final long[] starts;
  private final long[] pages;

  private SurvivingState(FileChannel file, long[] pages) throws IOException {
    this.pages = pages;
    starts = new long[pages.length];
    long end = HEADER_BYTES;
    for (int i = 0; i < pages.length; i++) {
      starts[i] = end;
      end += wordBytes(pages[i]);
    }
    if (file.size() != end) {
      arena.close();
      throw new IOException("it has " + file.size() + " bytes instead of " + end);
    }
    memory = file.map(FileChannel.MapMode.READ_WRITE, 0, end, arena);
  }

  /**
   * Creates the file, which must not exist; only its owner may read it.
   *
   * @param regions whose pages are kept; none with placement copy
   * @throws IOException if there is no room for it
   */
  public static SurvivingState create(Path path, List<MemoryRegion> regions) throws IOException {
    long[] pages = pages(regions);
    try (FileChannel file =
        FileChannel.open(
            path,
            Set.of(CREATE_NEW, READ, WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      return created(path, file, pages);
    }
  }

  private static SurvivingState created(Path path, FileChannel file, long[] pages)
      throws IOException {
    try {
      allocate(file, pages);
      SurvivingState state = new SurvivingState(file, pages);
      WORD.setVolatile(state.memory, MAGIC_AT, MAGIC);
      return state;
    } catch (IOException e) {
      Files.deleteIfExists(path); // part of it is of no use, and keeps room
      throw e;
    }
  }

  /** The kernel could not store to a page of the file for which there is no room. */
  private static void allocate(FileChannel file, long[] pages) throws IOException {
    long left = HEADER_BYTES;
    for (long each : pages) {
      left += wordBytes(each);
    }
    while (left > 0) {
      ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(left, CHUNK_BYTES));
      left -= zeros.remaining();
      while (zeros.hasRemaining()) {
        var _ = file.write(zeros);
      }
    }
  }

  /**
   * Opens the file of a node that was killed.
   *
   * @param regions as it was created with
   * @throws IOException if it is not such a file
   */
  public static SurvivingState open(Path path, List<MemoryRegion> regions) throws IOException {
    try (FileChannel file = FileChannel.open(path, READ, WRITE)) {
      SurvivingState state = new SurvivingState(file, pages(regions));
      if ((long) WORD.getVolatile(state.memory, MAGIC_AT) != MAGIC) {
        state.close();
        throw new IOException("it is not the state of a destination");
      }
      return state;
    } catch (IOException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    }
  }

  /**
   * The stage in a file, which is not changed.
   *
   * @throws IOException if it is not such a file
   */
  public static TakeOverStage stageIn(Path path) throws IOException {
    ByteBuffer header = ByteBuffer.allocate((int) HEADER_BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel file = FileChannel.open(path, READ)) {
      while (header.hasRemaining() && file.read(header) >= 0) {
        // there may be more
      }
    }
    if (header.hasRemaining() || header.getLong((int) MAGIC_AT) != MAGIC) {
      throw new IOException(path + ": it is not the state of a destination");
    }
    return stage(header.getLong((int) STAGE_AT));
  }

  private static TakeOverStage stage(long number) throws IOException {
    TakeOverStage[] all = TakeOverStage.values();
    if (number < 0 || number >= all.length) {
      throw new IOException("the unknown stage " + number);
    }
    return all[(int) number];
  }

  /** The stage. */
  public TakeOverStage stage() throws IOException {
    return stage((long) WORD.getVolatile(memory, STAGE_AT));
  }

  /** Records a stage; call before what it permits. */
  public void enter(TakeOverStage stage) {
    WORD.setVolatile(memory, STAGE_AT, (long) stage.ordinal());
  }

  /** A number of the keeper's own; 0 at first. */
  public long note() {
    return (long) WORD.getVolatile(memory, NOTE_AT);
  }

  /** Sets the number of the keeper's own. */
  public void setNote(long note) {
    WORD.setVolatile(memory, NOTE_AT, note);
  }

  @Override
  public void add(int region, long first, long end) {
    if (first < 0 || first > end || end > pages[region]) {
      throw new IndexOutOfBoundsException("pages " + first + " to " + end + " of " + pages[region]);
    }
    for (long page = first; page < end; ) {
      long last = Math.min(end, (page | (BITS - 1)) + 1);
      long upTo = last % BITS == 0 ? -1L : (1L << last) - 1;
      long at = starts[region] + page / BITS * Long.BYTES;
      var _ = (long) WORD.getAndBitwiseOr(memory, at, upTo & -(1L << page));
      page = last;
    }
  }

  /** A copy of the bits of a region, none of which may change meanwhile. */
  public PageBitmap written(int region) {
    ByteBuffer words = memory.asSlice(starts[region], wordBytes(pages[region])).asByteBuffer();
    return PageBitmap.read(pages[region], words);
  }

  private static long[] pages(List<MemoryRegion> regions) {
    return regions.stream().mapToLong(MemoryRegion::basePageCount).toArray();
  }

  private static long wordBytes(long pages) {
    return Math.ceilDiv(pages, BITS) * Long.BYTES;
  }

  /** No other thread may use it meanwhile. The file stays. */
  @Override
  public void close() {
    arena.close();
  }
}
