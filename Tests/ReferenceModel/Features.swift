import Synchronization

/// What the documents have a rule for. The comparison fails where random worlds did not come to one of them.
package enum Feature: String, CaseIterable, Sendable {
    // Paths and cover
    case snapshotDropped, rawDropped, slashesDropped, deeperCoverWins, severalDataSources, denyBeatsNativeOrAllow
    case nativeBeatsAllow

    // Who asks
    case userByPrincipal, userByShortName, realmDefaulted, caseIgnored, ignoredByPrincipal, ignoredByShortName
    case ignoredBareName, ownerByPrincipal, ownerByShortName, ownerOfAnother, unmappedNative, unmappedDenied
    case suspended, suspensionOver, disabled

    // Which policies apply
    case globalPolicyByOwnTag, globalPolicyByImpliedTag, globalPolicyExcepted

    // Subscriptions: own, and of global policies
    case ownHolds, ownFails, globalHolds, globalFails, failsTwice
    case anyone, approvalMissing, approvalEndless, approvalNotOver, approvalOver
    case userEntry, userEntryNotOver, userEntryOver, groupEntry, groupEntryNotOver, groupEntryOver, nobodyNamed
    case groupTrue, groupFalse, attributeTrue, attributeFalse, allTrue, allFalse, anyTrue, anyFalse, notTrue, notFalse

    // Projects and purposes
    case underNoProject, insideProject, projectWithoutDataSource, memberNoMore
    case ownPurposeMet, ownPurposeMissed, globalPurposeMet, globalPurposeMissed, purposeNotAcknowledged

    // File rules: own, and of global policies
    case ownRuleHolds, ownRuleFails, globalRuleHolds, globalRuleFails
    case componentYoung, componentTooOld, componentOld, componentTooYoung, componentMissing, componentNoDate
    case componentTwice
    case modificationYoung, modificationTooOld, modificationOld, modificationTooYoung, modificationUnknown
    case withTagHolds, withTagFails, withoutTagHolds, withoutTagFails, tagByComponent, tagOfDataSource, tagImplied
    case exceptedUser, exceptedGroup, exceptedAttribute, exceptedPurpose, notExcepted

    // The catalogue
    case noCatalogueNeeded, fileReadable, fileNotReadable, fileUnseen, notCrawled, permissionsNotTold
    case credentialSuperuser, credentialOwner, credentialGroup, credentialOther, credentialNamedInACL
    case credentialGroupInACL, credentialOtherWithACL, directoryClosed, fileClosed

    // Traverse and moves
    case traverseAllowed, traverseNative, traverseIntersected, readIntersected
    case moveStaysCovered, moveLeavesCover, moveIntoOtherCover, moveOfDirectoryAbove, moveByOwner, moveByIgnoredUser
    case moveByUnmappedUser, moveOfUncovered
}

/// Counts how often the model came to each feature.
package final class Notebook: Equatable, Sendable {
    private let counts = Mutex([Feature: Int]())

    package init() {}

    /// One is as good as another: worlds are equal whatever was noted of them.
    package static func == (_: Notebook, _: Notebook) -> Bool { true }

    package func note(_ feature: Feature) { counts.withLock { $0[feature, default: 0] += 1 } }

    package subscript(feature: Feature) -> Int { counts.withLock { $0[feature, default: 0] } }

    package func add(_ other: Notebook) {
        let more = other.counts.withLock { $0 }
        counts.withLock { $0.merge(more, uniquingKeysWith: +) }
    }
}
