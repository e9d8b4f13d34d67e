package io.faultline.restore.transfer;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** Answers requests in any order, in pieces, sometimes not; pages of zeros with or without data. */
final class RandomOrigin implements PageOrigin {
  private static final MemorySegment ZERO_PAGE = MemorySegment.ofArray(new byte[PAGE_BYTES]);

  private final Random random;
  private final DumpLayout layout;
  private final List<Request> requests = new ArrayList<>();
  private final MemorySegment data;
  private final BitSet zeros = new BitSet();

  private record Request(int pid, long address, int pages) {}

  /** Writes the contents of pages of the dump. */
  interface Contents {
    void write(long page, MemorySegment into);
  }

  RandomOrigin(Random random, DumpLayout layout, Contents contents, Arena arena) {
    this.random = random;
    this.layout = layout;
    data = arena.allocate((layout.pageCount() + 1) * PAGE_BYTES, PAGE_BYTES);
    for (long page = 0; page < layout.pageCount(); page++) {
      MemorySegment content = data.asSlice(page * PAGE_BYTES, PAGE_BYTES);
      contents.write(page, content);
      zeros.set((int) page, content.mismatch(ZERO_PAGE) < 0);
    }
  }

  @Override
  public void start(PageReceiver receiver) {}

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    long page = layout.pageAt(address);
    if (page < 0 || pages < 1 || page + pages > layout.extentEnd(page)) {
      throw new AssertionError(pages + " pages at " + address + " are not of one extent");
    }
    requests.add(new Request(pid, address, pages));
  }

  /** Answers a part of some request. */
  void answerSome(Transfer transfer) {
    if (requests.isEmpty()) {
      return;
    }
    Request request = requests.remove(random.nextInt(requests.size()));
    int pages = sameKind(request.address, 1 + random.nextInt(request.pages));
    if (random.nextInt(10) == 0) {
      transfer.unanswered(request.pid, request.address, request.pages);
      return;
    }
    if (pages < request.pages) {
      long rest = request.address + (long) pages * PAGE_BYTES;
      requests.add(new Request(request.pid, rest, request.pages - pages));
    }
    long first = layout.pageAt(request.address);
    boolean asZeros = zeros.get((int) first) && random.nextBoolean();
    long source = asZeros ? Space.ZEROS : data.address() + first * PAGE_BYTES;
    transfer.arrived(request.pid, request.address, pages, source);
  }

  /** How many of these pages are all zeros, or all not. */
  private int sameKind(long address, int pages) {
    int first = (int) layout.pageAt(address);
    int end = zeros.get(first) ? zeros.nextClearBit(first) : zeros.nextSetBit(first);
    return end < 0 ? pages : Math.min(pages, end - first);
  }

  @Override
  public void flush() {}

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public void finish() {}

  @Override
  public void abort() {}
}
