/*
 * The handover of a VM and the recovery of lost connections, as a Promela model.
 *
 *   spin -a docs/handover.pml
 *   gcc -O2 -DSAFETY -DNOCLAIM -o pan pan.c && ./pan -m100000    safety: nothing forbidden happens
 *   gcc -O2 -DNFAIR=3 -o pan pan.c && ./pan -m100000 -a -f       liveness: every migration ends
 *
 * A VM of PAGES pages moves from a source to a destination over a network that may be cut at any
 * instant, CUTS times. A cut loses all frames in flight; each side notices it at a later step of its
 * own. Only the source connects. Each side is one process, like each node's state machine: its work
 * between two waits is one step.
 *
 * Left out: silence (it ends in a cut), precopy, placement continue, several connections (one cut
 * ends all), and misbehaving peers.
 *
 * Each of these plants a bug that must be found: -DRUN_EARLY, -DGUESS, -DRESUME_BEHIND_RUN,
 * -DNO_RUN_AGAIN, -DKEEP_SENT, -DNO_FENCE.
 */
#ifndef CUTS
#define CUTS 3
#endif
#define PAGES 2
#define ALL 3 /* one bit per page */

mtype = { STATE, READY, RUN, RUNNING, PAGE, REQUEST, RECOVER, PHASE_READY, PHASE_RUNNING,
  PHASE_COMPLETED, COMPLETED, GOODBYE };

/* The current connection, if any. Each frame carries the attempt in which it was sent. */
chan toDest = [4] of { mtype, byte, byte };
chan toSource = [5] of { mtype, byte, byte };
chan bulk = [3] of { byte, byte }; /* background pages, to the destination */
byte attempt = 1;
bool up = true;
bool sourceHeard = true; /* has noticed the last cut */
bool destHeard = true;
byte cuts = 0;

bool runsAtSource = true;
bool runsAtDest = false;
bool committed = false;
bool failed = false;   /* before RUN: the VM continues at the source */
bool sourceDone = false;
bool destDone = false;
byte sent = 0;         /* the source's bitmap */
byte placed = 0;       /* the page table */
byte written = 0;      /* by the guest, at the destination */

#define BIT(page) (1 << (page))
#define HAS(set, page) (((set) & BIT(page)) != 0)

/* At most one VM runs, and after RUN was sent never the one at the source. */
inline checkOwner() {
  assert(!(runsAtSource && runsAtDest));
  assert(!(runsAtSource && committed))
}

inline toDestSend(what, value) {
  if
  :: up && nfull(toDest) -> toDest!what, value, attempt
  :: !up -> skip /* lost */
  fi
}

inline toSourceSend(what, value) {
  if
  :: up && nfull(toSource) -> toSource!what, value, attempt
  :: !up -> skip
  fi
}

active proctype Network() {
  do
  :: atomic { up && cuts < CUTS && !sourceDone ->
      up = false;
      cuts++;
      sourceHeard = false;
      destHeard = false;
#ifndef NO_FENCE
      do
      :: nempty(bulk) -> bulk?_, _
      :: empty(bulk) -> break
      od;
#endif
      do
      :: nempty(toDest) -> toDest?_, _, _
      :: empty(toDest) -> break
      od;
      do
      :: nempty(toSource) -> toSource?_, _, _
      :: empty(toSource) -> break
      od }
  :: sourceDone -> break
  :: failed -> break
  od
}

active proctype Source() {
  mtype what;
  byte value, by, page;

  atomic { runsAtSource = false; toDestSend(STATE, 0) } /* paused */
#ifdef RUN_EARLY
  atomic { committed = true; toDestSend(RUN, 0) };
#else
  if
  :: atomic { !sourceHeard -> /* lost before RUN: the VM continues here */
      runsAtSource = true; failed = true; checkOwner(); goto end }
  :: atomic { sourceHeard && nempty(toSource) ->
      toSource?READY, value, by;
      committed = true; toDestSend(RUN, 0); checkOwner() }
  fi;
#endif

postcopy:
  do
  :: atomic { !sourceHeard -> goto paused }
  :: atomic { sourceHeard && nempty(toSource) ->
      toSource?what, value, by;
      if
      :: what == REQUEST ->
          if
          :: !HAS(sent, value) -> sent = sent | BIT(value); toDestSend(PAGE, value)
          :: else -> skip /* already sent: dropped */
          fi
      :: what == COMPLETED -> toDestSend(GOODBYE, 0); sourceDone = true; goto end
      :: else -> skip
      fi }
  :: atomic { sourceHeard && up && sent != ALL && nfull(bulk) -> /* the background */
      page = 0;
      do
      :: HAS(sent, page) -> page++
      :: else -> break
      od;
      sent = sent | BIT(page);
      bulk!page, attempt }
  od;

paused:
#ifdef RESUME_BEHIND_RUN
  atomic { runsAtSource = true; checkOwner() };
#endif
  /* Both sides close their connections; from here on the network may be cut again at any instant. */
  atomic { destHeard -> sourceHeard = true; up = true; attempt++; toDestSend(RECOVER, 0) }
  do
  :: atomic { !sourceHeard -> goto paused }
  :: atomic { sourceHeard && nempty(toSource) ->
      toSource?what, value, by;
      if
      :: what == PHASE_READY ->
#ifndef NO_RUN_AGAIN
          toDestSend(RUN, 0);
#endif
          sent = value; goto postcopy
      :: what == PHASE_RUNNING ->
#ifndef KEEP_SENT
          sent = value;
#endif
          goto postcopy
      :: what == PHASE_COMPLETED ->
          toDestSend(GOODBYE, 0); sourceDone = true; goto end
      :: else -> skip
      fi }
  od;
end:
  skip
}

/* A page of an earlier attempt must not arrive after the report that counts it as missing. */
inline place(page, ofAttempt) {
  assert(ofAttempt >= reportedIn);
  if
  :: HAS(placed, page) -> skip /* EEXIST */
  :: else -> assert(!HAS(written, page)); placed = placed | BIT(page)
  fi
}

active proctype Destination() {
  mtype what;
  byte value, by, asked;
  bool ready = false;
  byte reportedIn = 0;  /* the attempt of the last report */

endWaiting: /* a source that failed before RUN may never come back */
  do
  :: atomic { !destHeard -> /* closes its connections: their frames no longer count */
      destHeard = true;
      asked = 0; /* waiting vCPUs are woken, and fault again */
#ifdef GUESS
      if
      :: ready && !runsAtDest -> runsAtDest = true; checkOwner()
      :: else -> skip
      fi
#endif
    }
  :: atomic { destHeard && nempty(toDest) ->
      toDest?what, value, by;
      if
      :: what == STATE -> ready = true; toSourceSend(READY, 0)
      :: what == RUN ->
          assert(ready);
          assert(!runsAtDest); /* RUN is sent once */
          runsAtDest = true; checkOwner(); toSourceSend(RUNNING, 0)
      :: what == PAGE -> place(value, by)
      :: what == RECOVER ->
          reportedIn = by;
          if
          :: destDone -> toSourceSend(PHASE_COMPLETED, placed)
          :: !destDone && runsAtDest -> toSourceSend(PHASE_RUNNING, placed)
          :: !destDone && !runsAtDest -> toSourceSend(PHASE_READY, placed)
          fi
      :: what == GOODBYE -> skip
      fi }
  :: atomic { destHeard && runsAtDest && nempty(bulk) -> bulk?value, by; place(value, by) }
  :: atomic { destHeard && runsAtDest && up && placed == ALL && !destDone && nfull(toSource) ->
      destDone = true; toSourceSend(COMPLETED, 0) }
  /* The guest: writes to pages that are present, and waits for one that is missing. */
  :: atomic { runsAtDest && placed != written ->
      if
      :: HAS(placed, 0) && !HAS(written, 0) -> written = written | BIT(0)
      :: HAS(placed, 1) && !HAS(written, 1) -> written = written | BIT(1)
      fi }
  :: atomic { destHeard && runsAtDest && up && nfull(toSource) && !HAS(placed | asked, 0) ->
      asked = asked | BIT(0); toSourceSend(REQUEST, 0) }
  :: atomic { destHeard && runsAtDest && up && nfull(toSource) && !HAS(placed | asked, 1) ->
      asked = asked | BIT(1); toSourceSend(REQUEST, 1) }
  od
}

/* The migration completes with every page in place, or fails and the VM continues at the source. */
ltl ends { <> ((sourceDone && placed == ALL && runsAtDest) || (failed && runsAtSource)) }
