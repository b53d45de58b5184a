SELECT `spans`.`session`
FROM `spans`
WHERE `spans`.`project` = {project:String} AND `spans`.`user` = {user_1:String} AND `spans`.`session` != {session_1:String} GROUP BY `spans`.`session`
 LIMIT {sessions:UInt64}
