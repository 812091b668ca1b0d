"""What a page says after a form did its work; addresses carry the name, never the words."""

TEXTS = {
    "signed-out": "You are signed out.",
    "administrator-made": "The administrator's account is ready: sign in with it.",
    "project-made": "Project created.",
    "member-added": "Membership saved.",
    "member-removed": "Membership ended.",
    "sample-registered": "Sample registered.",
    "sample-changed": "Sample changed.",
    "event-recorded": "Event recorded.",
    "exposure-recorded": "Exposure recorded.",
    "calibration-saved": "Calibration saved: the file is read again with it; earlier results keep the earlier value.",
    "dataset-deleted": "Dataset deleted; a tombstone keeps who, when and why.",
    "job-submitted": "Job submitted.",
    "job-cancelling": "The job is being cancelled.",
    "job-finishing": "The job was asked to finish early; its present result will be kept.",
    "instrument-made": "Instrument registered.",
    "key-revoked": "Key revoked; it stops working at once.",
    "token-revoked": "Token revoked; it stops working at once.",
    "password-changed": "Password changed: sign in with the new one.",
    "user-made": "Account created.",
}
