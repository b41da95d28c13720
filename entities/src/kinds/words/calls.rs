//! Forms, questions about calls, and formulas.

words! {
    /// What a form is for.
    FormPurpose {
        Application = "application",
        Concept = "concept",
        Report = "report",
        Evaluation = "evaluation",
    }
    /// Stages of a question about a call.
    CallQuestionStage {
        Asked = "asked",
        Answered = "answered",
        Declined = "declined",
    }
    /// What kind of place a formula counts.
    Setting {
        Urban = "urban",
        Rural = "rural",
    }
}
