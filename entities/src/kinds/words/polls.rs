//! Votes of residents' councils, and pitch sessions.

words! {
    /// Stages of a poll.
    PollStage {
        Draft = "draft",
        Open = "open",
        Closed = "closed",
        Counted = "counted",
        Failed = "failed",
        Cancelled = "cancelled",
    }
    /// What a ballot says.
    PollKind {
        Approval = "approval",
        Scoring = "scoring",
    }
    /// How a vote came.
    VoteWay {
        Waiting = "waiting",
        Online = "online",
        Paper = "paper",
    }
    /// Whether two people read a paper ballot alike.
    PaperStage {
        Entered = "entered",
        Apart = "apart",
        Agreed = "agreed",
    }
    /// Stages of a pitch session.
    PitchStage {
        Planned = "planned",
        Running = "running",
        Over = "over",
        Cancelled = "cancelled",
    }
}
