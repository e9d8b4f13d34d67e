package io.faultline.pager;

import io.faultline.paging.PagingException;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.paging.SharedRegion;
import java.util.List;

/** Does what a client asks for. */
final class Requests {
  private final SharedMemoryPager pager;
  private final ClientMemory memory;
  private final long pageBytes;

  Requests(SharedMemoryPager pager, ClientMemory memory, long pageBytes) {
    this.pager = pager;
    this.memory = memory;
    this.pageBytes = pageBytes;
  }

  /** Serves a request; returns the answer. */
  String answer(Request request) {
    try {
      if (request.verb() == Request.Verb.STATS) {
        return Answers.stats(pager.stats(), memory.residentPages(), pageBytes);
      }
      List<SharedRegion> regions = memory.regions();
      int first = Math.max(0, request.region());
      int end = request.region() < 0 ? regions.size() : first + 1;
      for (int i = first; i < end; i++) {
        serve(request, regions.get(i));
      }
      return Answers.done();
    } catch (PagingException
        | IllegalArgumentException
        | IllegalStateException
        | IndexOutOfBoundsException e) {
      return Answers.refused(String.valueOf(e.getMessage()));
    }
  }

  private static void serve(Request request, SharedRegion region) {
    long offset = request.offset();
    long length = request.lengthBytes() < 0 ? region.lengthBytes() - offset : request.lengthBytes();
    // a client knows whole pages, and the store may end within the last one
    length = Math.min(length, Math.max(1, region.lengthBytes() - offset));
    switch (request.verb()) {
      case FLUSH -> region.flush(offset, length);
      case PREFETCH -> region.prefetch(offset, length);
      case DISCARD -> region.discard(offset, length);
      case ADVISE -> region.advise(request.advice().access(), offset, length);
      case PIN -> region.pin(offset, length);
      case UNPIN -> region.unpin(offset, length);
      case STATS, CLOSE -> throw new IllegalStateException(request + " is not for one region");
    }
  }
}
